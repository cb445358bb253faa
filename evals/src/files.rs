//! Reading a file that may be compressed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;

/// Open a file; one whose name ends in `.gz` is decompressed on the way.
///
/// # Errors
/// Names the file that cannot be opened.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("`{}` cannot be opened: check the path", path.display()))?;
    Ok(match path.extension().is_some_and(|it| it == "gz") {
        true => Box::new(BufReader::new(MultiGzDecoder::new(file))),
        false => Box::new(BufReader::new(file)),
    })
}

/// Read a whole text file.
///
/// # Errors
/// Names the file that cannot be read or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    open(path)?
        .read_to_string(&mut text)
        .with_context(|| format!("`{}` cannot be read as UTF-8 text", path.display()))?;
    Ok(text)
}
