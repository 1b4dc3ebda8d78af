//! Standings one by one, read page by page.

use crate::store::{CaId, SerialNumber, Standing, StoreError};

/// Every standing of a source, in order. Ends at the first error.
pub(crate) struct Pages<R> {
    read: R,
    page: std::vec::IntoIter<Standing>,
    /// Where the next page begins; `None` at the end.
    after: Option<Option<(CaId, SerialNumber)>>,
}

impl<R> Pages<R>
where
    R: FnMut(Option<(&CaId, &SerialNumber)>, usize) -> Result<Vec<Standing>, StoreError>,
{
    pub(crate) fn new(read: R) -> Self {
        Self { read, page: Vec::new().into_iter(), after: Some(None) }
    }
}

impl<R> Iterator for Pages<R>
where
    R: FnMut(Option<(&CaId, &SerialNumber)>, usize) -> Result<Vec<Standing>, StoreError>,
{
    type Item = Result<Standing, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(standing) = self.page.next() {
            return Some(Ok(standing));
        }
        let after = self.after.take()?;
        match (self.read)(after.as_ref().map(|(issuer, serial)| (issuer, serial)), STANDINGS) {
            Ok(page) => {
                let last = page.last().map(|last| (last.issuer.clone(), last.serial));
                // An empty page is the end.
                self.after = last.map(Some);
                self.page = page.into_iter();
                self.page.next().map(Ok)
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// Standings in memory at a time: a megabyte and a half.
pub(super) const STANDINGS: usize = 16_384;
