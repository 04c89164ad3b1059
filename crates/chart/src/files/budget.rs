//! How much a chart may unfold to. Helm limits one archive; here archives within archives share the limits too, so that a chart of
//! a thousand small bombs is stopped as one large bomb is.

use super::Error;

/// Helm's limit of one archive.
const CHART_BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Helm's limit of one file.
pub const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;
const FILES_MAX: usize = 50_000;
const ARCHIVES_DEPTH_MAX: usize = 16;
/// Deflate cannot do more than 1,032 to 1; text and even empty CRD skeletons stay far below this.
const RATIO_MAX: u64 = 400;
/// Small archives of repeated text may be as dense as they like.
const RATIO_FROM_BYTES: u64 = 8 * 1024 * 1024;

/// What is left to unpack for one chart with everything in it.
#[derive(Debug, Clone)]
pub struct Budget {
    bytes_left: u64,
    files_left: usize,
    depth_left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes_left: CHART_BYTES_MAX, files_left: FILES_MAX, depth_left: ARCHIVES_DEPTH_MAX }
    }
}

impl Budget {
    /// The bytes that may still be read, and so the limit of the next read.
    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    /// Refuses a file by the size that its header claims, before anything is read.
    pub(super) fn check_claim(&self, name: &str, bytes: u64) -> Result<(), Error> {
        if bytes > self.bytes_left {
            return Err(too_large());
        }
        if bytes > FILE_BYTES_MAX {
            return Err(Error::Refused(format!(
                "decompressed chart file {name:?} is larger than the maximum file size {FILE_BYTES_MAX}"
            )));
        }
        Ok(())
    }

    /// Takes what was read of one file.
    pub(super) fn take(&mut self, bytes: u64, claimed: u64) -> Result<(), Error> {
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        if bytes < claimed || self.bytes_left == 0 {
            return Err(too_large());
        }
        self.files_left = self.files_left.checked_sub(1).ok_or_else(|| {
            Error::Refused(format!("decompressed chart has more files than the maximum number {FILES_MAX}"))
        })?;
        Ok(())
    }

    /// Enters an archive within an archive.
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or_else(|| {
            Error::Refused(format!("chart archives are nested deeper than the maximum depth {ARCHIVES_DEPTH_MAX}"))
        })?;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth_left += 1;
    }
}

/// Refuses an archive that unfolds to far more than text does.
pub(super) fn check_ratio(packed: u64, unpacked: u64) -> Result<(), Error> {
    if unpacked > RATIO_FROM_BYTES && unpacked / packed.max(1) > RATIO_MAX {
        return Err(Error::Refused(format!(
            "chart archive of {packed} bytes unfolds to more than {RATIO_MAX} times its size: it looks like a decompression bomb"
        )));
    }
    Ok(())
}

fn too_large() -> Error {
    Error::Refused(format!("decompressed chart is larger than the maximum size {CHART_BYTES_MAX}"))
}
