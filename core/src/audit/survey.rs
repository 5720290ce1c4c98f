//! Pages of the audit log, newest first.

use super::AuditRecord;
use crate::ledger::{Entry, Ledger, LedgerError, RefStore, Unreadable};

/// A page of the audit log.
#[derive(Debug)]
pub struct Page {
    /// Its entries, newest first.
    pub entries: Vec<Entry<AuditRecord>>,
    /// Those of the same stretch that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The ID after which the next page begins; `None`: nothing is older.
    pub next: Option<String>,
}

/// The newest entries, at most `limit`; those older than the entry `before`, where one is given. Only
/// they are read: their IDs sort by time.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn page<S: RefStore>(
    ledger: &Ledger<S>,
    before: Option<&str>,
    limit: usize,
) -> Result<Page, LedgerError> {
    let shelf = ledger.audits();
    let mut refs = ledger.refs(&shelf).await?;
    let place = |name: &str| name.strip_prefix(shelf.prefix()).unwrap_or_default().to_owned();
    refs.retain(|(name, _)| before.is_none_or(|before| place(name.as_str()).as_str() < before));
    let stretch = refs.split_off(refs.len().saturating_sub(limit));
    let oldest = stretch.first().map(|(name, _)| place(name.as_str()));
    let (mut entries, unreadable) = ledger.sorted_out(stretch).await?;
    entries.reverse();
    Ok(Page { entries, unreadable, next: oldest.filter(|_| !refs.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::git::Signature;
    use crate::ledger::Staged;
    use crate::ledger::memory::Remote;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
    }

    fn record(seconds: i64) -> AuditRecord {
        AuditRecord {
            at: at(seconds),
            actor: "ada".parse().unwrap(),
            approved_by: "grace".parse().unwrap(),
            reason: "wrong build".to_owned(),
            action: "move tag api/v1.2.3".to_owned(),
            rules: vec!["TAG009".to_owned()],
            before: None,
            after: None,
        }
    }

    #[tokio::test]
    async fn pages_hold_each_entry_once_newest_first() {
        let ledger = Ledger::new(Remote::new().store());
        let by = Signature { name: "ada".to_owned(), email: String::new(), time: at(0) };
        for seconds in 0..5 {
            let staged = Staged::new(Vec::new());
            let staged = staged.audited(&ledger, Some(&record(seconds)), &by).unwrap();
            ledger.commit(staged).await.unwrap();
        }
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = page(&ledger, before.as_deref(), 2).await.unwrap();
            assert!(page.unreadable.is_empty() && page.entries.len() <= 2);
            seen.extend(page.entries.iter().map(|entry| entry.record.at));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, [4, 3, 2, 1, 0].map(at));
        assert!(page(&ledger, None, 0).await.unwrap().entries.is_empty());
    }
}
