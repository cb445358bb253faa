//! Bringing a file in through one of the workspaces' importers.

use std::io::Read;

use chrono::{DateTime, Utc};
use kernel::{Error, Principal, Result};
use toolkit::{ImportFile, ImportReport, Importer, Registry};

use crate::App;

/// A file as it arrived, perhaps compressed.
#[derive(Clone, Copy)]
pub struct Upload<'a> {
    /// Its name, for reports.
    pub name: &'a str,
    /// Its content; gzip is recognised by its first bytes.
    pub bytes: &'a [u8],
    /// The instant of the import.
    pub now: DateTime<Utc>,
    /// Told how many of how many rows are done, now and then.
    pub progress: &'a (dyn Fn(usize, usize) + Send + Sync),
}

/// Read a file into the tenant's tables: all of it that can be read, or nothing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such importer, [`Error::Forbidden`], [`Error::TooLarge`],
/// and the importer's own.
pub async fn import(
    app: &App,
    principal: &Principal,
    importer: &str,
    upload: Upload<'_>,
) -> Result<ImportReport> {
    let importer = find(app.executor.registry(), importer)?;
    principal.require(&importer.permission())?;
    let unpacked = unpacked(upload.bytes, app.config.import_limit)?;
    let file = ImportFile {
        name: upload.name,
        bytes: unpacked.as_deref().unwrap_or(upload.bytes),
        now: upload.now,
        progress: upload.progress,
    };
    let mut tx = app.store.begin_long(&principal.tenant).await?;
    let report = importer.import(&mut tx, file).await?;
    tx.commit().await?;
    Ok(report)
}

/// Every importer, by workspace.
pub fn importers(registry: &Registry) -> impl Iterator<Item = &'static dyn Importer> {
    registry.workspaces().iter().flat_map(|it| it.importers.iter().copied())
}

fn find(registry: &Registry, name: &str) -> Result<&'static dyn Importer> {
    importers(registry).find(|it| it.name() == name).ok_or_else(|| Error::NotFound {
        what: "importer",
        id: name.chars().take(80).collect(),
        nearest: toolkit::nearest(name, importers(registry).map(Importer::name)),
    })
}

/// What a gzip file holds, if it is one. A small file that unpacks to a huge one is refused.
fn unpacked(bytes: &[u8], limit: usize) -> Result<Option<Vec<u8>>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    let mut content = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(bytes)
        .take(most)
        .read_to_end(&mut content)
        .map_err(|it| Error::invalid("file", format!("is a broken gzip file: {it}")))?;
    match content.len() > limit {
        true => Err(Error::TooLarge(format!(
            "the file holds more than {limit} bytes when unpacked: split it"
        ))),
        false => Ok(Some(content)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn gzip_is_unpacked_up_to_the_limit() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&[b'a'; 1000]).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpacked(&packed, 1000).unwrap().unwrap().len(), 1000);
        assert!(matches!(unpacked(&packed, 999), Err(Error::TooLarge(_))));
        assert!(unpacked(&packed[..20], 1000).is_err());
        assert_eq!(unpacked(b"plain", 10).unwrap(), None);
    }
}
