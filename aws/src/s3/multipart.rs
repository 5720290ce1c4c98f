//! Storing a large payload in parts: some at a time, each with its checksum, and create-only at the
//! end. An upload that does not come to its end is aborted, so that S3 keeps no parts.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadError;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};
use tokio::task::JoinSet;

use super::error::{Call, answer};
use super::held::base64;
use super::store::{CONTESTS, Written, contested, pause};
use super::{ObjectName, Part, Payload, S3Error, Storage, StoreError, uploading};

/// How many parts are on their way at a time.
const AT_ONCE: usize = 4;

/// What S3 said to putting the parts together.
enum Completed {
    Written(Written),
    /// Somebody else is writing to the same key: the parts have to be sent again.
    Contested,
    /// The upload is gone: it was completed, and the answer lost, or somebody aborted it.
    Gone,
    Failed(StoreError),
}

impl Storage {
    /// Writes the payload in parts.
    pub(super) async fn put_parts(
        &self,
        object: &ObjectName,
        payload: &Payload,
        content_type: &str,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Written, StoreError> {
        let mut stop = std::pin::pin!(stop);
        for contest in 0..CONTESTS {
            let upload = self.begin(object, content_type).await?;
            let sent = tokio::select! {
                biased;
                () = &mut stop => Err(StoreError::Interrupted { leftover: None }),
                sent = self.send(object, payload, &upload) => sent,
            };
            let completed = match sent {
                Ok(parts) => self.complete(object, payload, &upload, parts).await,
                Err(error) => Completed::Failed(error),
            };
            match completed {
                Completed::Written(new @ Written::New { .. }) => return Ok(new),
                Completed::Written(Written::Exists) => {
                    self.abort(object, &upload).await;
                    return Ok(Written::Exists);
                }
                Completed::Gone => return self.vanished(object).await,
                Completed::Failed(error) => return Err(self.give_up(object, &upload, error).await),
                Completed::Contested => {
                    self.abort(object, &upload).await;
                    tokio::time::sleep(pause(contest)).await;
                }
            }
        }
        Err(contested(object).into())
    }

    async fn begin(&self, object: &ObjectName, content_type: &str) -> Result<String, S3Error> {
        let asked = self
            .client
            .create_multipart_upload()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_type(ChecksumType::Composite);
        let call = Call::on("CreateMultipartUpload", "s3:PutObject", object);
        let begun = asked.send().await.map_err(|error| self.failure(call, &error))?;
        begun.upload_id().map(str::to_owned).ok_or_else(|| S3Error::Refused {
            call: "CreateMultipartUpload",
            target: object.to_string(),
            said: "the answer has no upload ID".to_owned(),
        })
    }

    /// Sends all parts, some at a time.
    async fn send(
        &self,
        object: &ObjectName,
        payload: &Payload,
        upload: &str,
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let mut parts = payload.plan().parts();
        let (mut sending, mut sent) = (JoinSet::new(), Vec::new());
        loop {
            while sending.len() < AT_ONCE {
                let Some(part) = parts.next() else { break };
                let one = One { storage: self.clone(), object: object.clone(), part };
                sending.spawn(one.send(payload.clone(), upload.to_owned()));
            }
            match sending.join_next().await {
                None => break,
                Some(Ok(part)) => sent.push(part?),
                Some(Err(lost)) => {
                    return Err(StoreError::File { said: lost.to_string() });
                }
            }
        }
        sent.sort_by_key(CompletedPart::part_number);
        Ok(sent)
    }

    async fn complete(
        &self,
        object: &ObjectName,
        payload: &Payload,
        upload: &str,
        parts: Vec<CompletedPart>,
    ) -> Completed {
        let all = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let size = i64::try_from(payload.content().size_bytes).unwrap_or(i64::MAX);
        let asked = self
            .client
            .complete_multipart_upload()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .upload_id(upload)
            .multipart_upload(all)
            .checksum_type(ChecksumType::Composite)
            .mpu_object_size(size)
            .if_none_match("*");
        // S3 may take minutes to put many parts together. A failure may come with status 200, which the
        // SDK repeats like any other.
        let asked = asked.customize().config_override(uploading(size.unsigned_abs()));
        match asked.send().await {
            Ok(done) => {
                let ours = payload.s3_checksum().to_string();
                let confirmed = done.checksum_sha256() == Some(&ours);
                let etag = done.e_tag().filter(|_| confirmed).map(str::to_owned);
                Completed::Written(Written::New { etag })
            }
            Err(error) => self.incomplete(object, &error),
        }
    }

    fn incomplete(
        &self,
        object: &ObjectName,
        error: &SdkError<CompleteMultipartUploadError>,
    ) -> Completed {
        match answer(error) {
            (Some(412), _) | (_, Some("PreconditionFailed")) => Completed::Written(Written::Exists),
            (Some(409), _) | (_, Some("ConditionalRequestConflict")) => Completed::Contested,
            (_, Some("NoSuchUpload")) => Completed::Gone,
            (_, Some("BadDigest")) => Completed::Failed(StoreError::FileChanged),
            _ => {
                let call = Call::on("CompleteMultipartUpload", "s3:PutObject", object);
                Completed::Failed(self.failure(call, error).into())
            }
        }
    }

    /// The upload is gone. Where the object is there, it was completed.
    async fn vanished(&self, object: &ObjectName) -> Result<Written, StoreError> {
        match self.find(object).await? {
            Some(_) => Ok(Written::Exists),
            None => Err(S3Error::Refused {
                call: "CompleteMultipartUpload",
                target: object.to_string(),
                said: "somebody aborted the upload, or the bucket's lifecycle did; apply again"
                    .to_owned(),
            }
            .into()),
        }
    }

    /// Aborts what cannot be brought to its end, unless the end was reached and only the answer lost.
    async fn give_up(&self, object: &ObjectName, upload: &str, error: StoreError) -> StoreError {
        let aborted = self.abort(object, upload).await;
        match error {
            StoreError::Interrupted { .. } if !aborted => {
                StoreError::Interrupted { leftover: Some(upload.to_owned()) }
            }
            other => other,
        }
    }

    /// Whether S3 keeps no parts of the upload any more.
    async fn abort(&self, object: &ObjectName, upload: &str) -> bool {
        let asked = self
            .client
            .abort_multipart_upload()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .upload_id(upload);
        match asked.send().await {
            Ok(_) => true,
            Err(error) => answer(&error).1 == Some("NoSuchUpload"),
        }
    }
}

/// One part on its way.
struct One {
    storage: Storage,
    object: ObjectName,
    part: Part,
}

impl One {
    async fn send(self, payload: Payload, upload: String) -> Result<CompletedPart, StoreError> {
        let Self { storage, object, part } = self;
        let number = i32::try_from(part.number).unwrap_or(i32::MAX);
        let checksum = payload.checksum_of(part).as_ref().map(base64);
        let client: &Client = &storage.client;
        let asked = client
            .upload_part()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .upload_id(upload)
            .part_number(number)
            .content_length(i64::try_from(part.length).unwrap_or(i64::MAX))
            .set_checksum_sha256(checksum.clone())
            .body(payload.body(part).await?);
        let answered = asked.customize().config_override(uploading(part.length)).send().await;
        let sent = answered.map_err(|error| match answer(&error) {
            (_, Some("BadDigest" | "XAmzContentChecksumMismatch")) => StoreError::FileChanged,
            _ => storage.failure(Call::on("UploadPart", "s3:PutObject", &object), &error).into(),
        })?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag().map(str::to_owned))
            .set_checksum_sha256(checksum)
            .build())
    }
}
