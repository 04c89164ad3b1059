//! Server-rendered tables: what `kubectl get` prints. Columns of built-in kinds as upstream's printers have them, columns of
//! custom resources from `additionalPrinterColumns`.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The columns of one kind.
#[derive(Clone, Debug, Default)]
pub struct Columns {}

/// `includeObject` of the request: what each row carries besides its cells. The client's default is `Metadata`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    None,
    #[default]
    Metadata,
    Object,
}

impl Columns {
    /// Of a built-in kind; name and age for kinds without a printer.
    pub fn builtin(group: &str, kind: &str) -> Columns {
        let _ = (group, kind);
        Columns {}
    }

    /// Of `additionalPrinterColumns` of a CRD's version, as the user wrote it; name and age when there are none.
    pub fn custom(additional_printer_columns: Option<&Value>) -> Columns {
        let _ = additional_printer_columns;
        Columns {}
    }
}

/// A whole `meta.k8s.io/v1` Table. `list_metadata` is the list's metadata (resourceVersion, continue) or, for one object,
/// its resourceVersion; `definitions` is false for watch events after the first.
pub fn render<'a>(
    columns: &Columns,
    objects: impl IntoIterator<Item = &'a Value>,
    list_metadata: Value,
    now: Timestamp,
    include: Include,
    definitions: bool,
) -> Value {
    let _ = (columns, objects.into_iter().count(), now, include, definitions);
    json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": list_metadata, "columnDefinitions": [], "rows": [] })
}
