//! Azure's public regions: name, display name, and the geography that stands before it in lists.

pub(crate) const LOCATIONS: &[(&str, &str, &str)] = &[
    ("australiacentral", "Australia Central", "Asia Pacific"),
    ("australiaeast", "Australia East", "Asia Pacific"),
    ("australiasoutheast", "Australia Southeast", "Asia Pacific"),
    ("austriaeast", "Austria East", "Europe"),
    ("belgiumcentral", "Belgium Central", "Europe"),
    ("brazilsouth", "Brazil South", "South America"),
    ("canadacentral", "Canada Central", "Canada"),
    ("canadaeast", "Canada East", "Canada"),
    ("centralindia", "Central India", "Asia Pacific"),
    ("centralus", "Central US", "US"),
    ("chilecentral", "Chile Central", "South America"),
    ("eastasia", "East Asia", "Asia Pacific"),
    ("eastus", "East US", "US"),
    ("eastus2", "East US 2", "US"),
    ("francecentral", "France Central", "Europe"),
    ("germanywestcentral", "Germany West Central", "Europe"),
    ("indonesiacentral", "Indonesia Central", "Asia Pacific"),
    ("israelcentral", "Israel Central", "Middle East"),
    ("italynorth", "Italy North", "Europe"),
    ("japaneast", "Japan East", "Asia Pacific"),
    ("japanwest", "Japan West", "Asia Pacific"),
    ("koreacentral", "Korea Central", "Asia Pacific"),
    ("koreasouth", "Korea South", "Asia Pacific"),
    ("malaysiawest", "Malaysia West", "Asia Pacific"),
    ("mexicocentral", "Mexico Central", "Mexico"),
    ("newzealandnorth", "New Zealand North", "Asia Pacific"),
    ("northcentralus", "North Central US", "US"),
    ("northeurope", "North Europe", "Europe"),
    ("norwayeast", "Norway East", "Europe"),
    ("polandcentral", "Poland Central", "Europe"),
    ("qatarcentral", "Qatar Central", "Middle East"),
    ("southafricanorth", "South Africa North", "Africa"),
    ("southcentralus", "South Central US", "US"),
    ("southeastasia", "Southeast Asia", "Asia Pacific"),
    ("southindia", "South India", "Asia Pacific"),
    ("spaincentral", "Spain Central", "Europe"),
    ("swedencentral", "Sweden Central", "Europe"),
    ("switzerlandnorth", "Switzerland North", "Europe"),
    ("uaenorth", "UAE North", "Middle East"),
    ("uksouth", "UK South", "Europe"),
    ("ukwest", "UK West", "Europe"),
    ("westcentralus", "West Central US", "US"),
    ("westeurope", "West Europe", "Europe"),
    ("westindia", "West India", "Asia Pacific"),
    ("westus", "West US", "US"),
    ("westus2", "West US 2", "US"),
    ("westus3", "West US 3", "US"),
];

pub(crate) fn names() -> Vec<&'static str> {
    LOCATIONS.iter().map(|(name, _, _)| *name).collect()
}

/// `West US 3` and `westus3` are the same place.
pub(crate) fn normalize(location: &str) -> String {
    location.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

pub(crate) fn is_known(normalized: &str) -> bool {
    LOCATIONS.iter().any(|(name, _, _)| *name == normalized)
}
