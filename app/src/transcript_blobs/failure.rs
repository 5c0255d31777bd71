//! What an object store's error means for a transcript.

use std::error::Error;
use std::io;

type Cause = Box<dyn Error + Send + Sync>;

/// Why a blob was not kept, found or taken away.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is none under this key.
    #[error("there is no such blob")]
    Missing(#[source] Cause),
    /// It does not answer, or asks for patience: the same call may succeed later.
    #[error("the blobs are not available")]
    Unavailable(#[source] Cause),
    /// Nothing fits in any more: the same call succeeds once there is room.
    #[error("there is no room for blobs")]
    Full(#[source] Cause),
    /// It says no, and will again: says what to do about it.
    #[error("the blobs refuse: {fix}")]
    Refused {
        /// What somebody has to do.
        fix: &'static str,
        /// What it said.
        #[source]
        source: Cause,
    },
}

impl BlobError {
    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The spooled file cannot be read: this machine's disk, not the blobs.
    pub(super) fn spool(error: io::Error) -> Self {
        match from_io(error.kind()) {
            Some(meaning) => meaning.of(error),
            None => Self::Unavailable(Box::new(error)),
        }
    }
}

/// What a known sign means.
#[derive(Clone, Copy)]
enum Meaning {
    Full,
    Refused(&'static str),
}

impl Meaning {
    fn of(self, error: impl Into<Cause>) -> BlobError {
        match self {
            Self::Full => BlobError::Full(error.into()),
            Self::Refused(fix) => BlobError::Refused { fix, source: error.into() },
        }
    }
}

const BUCKET: &str = "make the bucket, or correct S3_BUCKET";
const KEYS: &str =
    "correct S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and allow them to get, put and delete objects";
const REGION: &str = "correct S3_REGION and S3_ENDPOINT: the bucket is elsewhere";
const CLOCK: &str = "set this machine's clock: it and the object store's are minutes apart";
const FOLDER: &str = "let the server's user write to DATA_DIR";

/// Codes of S3 and of those who speak like it.
const CODES: [(&str, Meaning); 12] = [
    ("NoSuchBucket", Meaning::Refused(BUCKET)),
    ("InvalidBucketName", Meaning::Refused(BUCKET)),
    ("InvalidAccessKeyId", Meaning::Refused(KEYS)),
    ("SignatureDoesNotMatch", Meaning::Refused(KEYS)),
    ("AccessDenied", Meaning::Refused(KEYS)),
    ("AccountProblem", Meaning::Refused(KEYS)),
    ("RequestTimeTooSkewed", Meaning::Refused(CLOCK)),
    ("AuthorizationHeaderMalformed", Meaning::Refused(REGION)),
    ("PermanentRedirect", Meaning::Refused(REGION)),
    ("IncorrectEndpoint", Meaning::Refused(REGION)),
    ("XMinioStorageFull", Meaning::Full),
    ("QuotaExceeded", Meaning::Full),
];

/// They are not followed: a bucket that is elsewhere is a mistake in the settings, or somebody's trick.
const REDIRECTS: [&str; 4] = ["301", "302", "307", "308"];

/// The store's error as ours.
pub(super) fn classify(error: object_store::Error) -> BlobError {
    if let Some(meaning) = sign(&error) {
        return meaning.of(error);
    }
    match error {
        object_store::Error::NotFound { .. } => BlobError::Missing(Box::new(error)),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Meaning::Refused(KEYS).of(error)
        }
        _ => BlobError::Unavailable(Box::new(error)),
    }
}

/// What the error and its causes tell. S3's code stands in the text of the answer alone.
fn sign(error: &object_store::Error) -> Option<Meaning> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(meaning) = error.downcast_ref::<io::Error>().and_then(|error| from_io(error.kind())) {
            return Some(meaning);
        }
        let text = error.to_string();
        let status = |status: &str| text.contains(&format!("status code: {status}"));
        if text.contains("without LOCATION") || REDIRECTS.into_iter().any(status) {
            return Some(Meaning::Refused(REGION));
        }
        if status("507") {
            return Some(Meaning::Full);
        }
        let code = CODES.iter().find(|(code, _)| text.contains(&format!("<Code>{code}</Code>")));
        if let Some((_, meaning)) = code {
            return Some(*meaning);
        }
        cause = error.source();
    }
    None
}

fn from_io(kind: io::ErrorKind) -> Option<Meaning> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Meaning::Full),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(Meaning::Refused(FOLDER)),
        _ => None,
    }
}
