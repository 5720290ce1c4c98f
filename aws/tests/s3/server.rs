//! A small S3: create-only writes, SHA-256 checksums, uploads in parts; and a list of faults, each of
//! which strikes once.

use std::collections::BTreeMap;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{AsyncSleep, Sleep};
use aws_sdk_s3::config::{Credentials, SharedAsyncSleep, SharedCredentialsProvider};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipeline_aws::s3::Storage;
use pipeline_core::Sha256;

use crate::request::{Op, Request};

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It is carried out, and the connection breaks before the answer.
    LoseReply,
    /// The connection breaks before it is carried out.
    LoseRequest,
    /// It is answered with this status and code, and not carried out.
    Answer(u16, &'static str),
    /// It is carried out, and answered with status 200 and this code in the body.
    Answer200(&'static str),
    /// Before it is carried out, somebody else stores these bytes at its key.
    Rival(&'static [u8]),
    /// After it is carried out, somebody else stores these bytes at its key.
    Overwrite(&'static [u8]),
    /// After it is carried out, the object is deleted.
    Delete,
    /// Only the first half of its body, or of the answer's, arrives, and nobody notices.
    Truncate,
    /// It is answered with this status, and with this region as the bucket's.
    Elsewhere(u16, &'static str),
    /// The upload is aborted by somebody else before it is carried out.
    AbortFirst,
}

/// How the whole store behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    /// `If-None-Match` is ignored.
    pub(crate) overwrites: bool,
    /// Checksums are neither checked nor kept.
    pub(crate) no_checksums: bool,
    /// A KMS key encrypts objects, with which the writer may not decrypt.
    pub(crate) sealed: bool,
}

#[derive(Debug, Clone)]
struct Object {
    bytes: Vec<u8>,
    checksum: Option<String>,
    writing: u32,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    objects: BTreeMap<String, Object>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    faults: Vec<(Op, Fault)>,
    quirks: Quirks,
    count: u32,
    /// What a bucket answers to the question for a setting; nothing else is told of buckets.
    pub(crate) settings: BTreeMap<&'static str, (u16, String)>,
    /// What was asked for, in order.
    pub(crate) log: Vec<Op>,
    /// How often it was tried whether the store overwrites.
    pub(crate) probes: usize,
}

/// The store, running.
pub(crate) struct Server {
    pub(crate) world: Arc<Mutex<World>>,
    address: String,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Server {
    pub(crate) fn start(quirks: Quirks, faults: Vec<(Op, Fault)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let world = Arc::new(Mutex::new(World { quirks, faults, ..World::default() }));
        let shared = Arc::clone(&world);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &world));
            }
        });
        Self { world, address }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// A connection with credentials that nobody checks, and little patience.
    pub(crate) fn storage(&self) -> Storage {
        let keys = Credentials::new("key", "secret", None, None, "test");
        let retries = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(5));
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(format!("http://{}", self.address))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .sleep_impl(SharedAsyncSleep::new(Tokio))
            .retry_config(retries)
            .build();
        Storage::new(&config)
    }
}

#[derive(Debug)]
struct Tokio;

impl AsyncSleep for Tokio {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}

/// Answers one request. A client that hangs up is the client's affair.
fn serve(mut stream: TcpStream, world: &Mutex<World>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut request = Request::read(&mut reader, &mut stream)?;
    let (op, mut world) = (request.op(), world.lock().unwrap());
    // The object that shows whether the store overwrites is left alone.
    let struck = !request.key.ends_with(".create-only");
    if struck {
        world.log.push(op);
    } else {
        world.probes += 1;
    }
    let fault = world.faults.iter().position(|(on, _)| struck && *on == op);
    let fault = fault.map(|at| world.faults.remove(at).1);
    if let Some(fault) = &fault {
        world.before(fault, &mut request);
    }
    let mut answer = match fault {
        Some(Fault::LoseRequest) => return None,
        Some(Fault::Answer(status, code)) => error(status, code),
        Some(Fault::Elsewhere(status, region)) => Answer {
            headers: vec![("x-amz-bucket-region", region.to_owned())],
            body: Vec::new(),
            ..error(status, "")
        },
        _ => world.carry_out(op, &request),
    };
    match fault {
        Some(Fault::LoseReply) => return None,
        Some(Fault::Overwrite(bytes)) => world.put(&request.key, bytes.to_vec()),
        Some(Fault::Delete) => drop(world.objects.remove(&request.key)),
        Some(Fault::Answer200(code)) => answer = Answer { status: 200, ..error(200, code) },
        _ => {}
    }
    drop(world);
    let length = answer.body.len();
    if matches!(fault, Some(Fault::Truncate)) && op == Op::Get {
        answer.body.truncate(length / 2);
    }
    let mut head = format!("HTTP/1.1 {} Status\r\nConnection: close\r\n", answer.status);
    // The answer to a HEAD says itself how long the object is.
    if op != Op::Head {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(b"\r\n").ok()?;
    stream.write_all(&answer.body).ok()
}

impl World {
    fn before(&mut self, fault: &Fault, request: &mut Request) {
        match fault {
            Fault::Rival(bytes) => self.put(&request.key, bytes.to_vec()),
            Fault::AbortFirst => self.uploads.clear(),
            Fault::Truncate => request.body.truncate(request.body.len() / 2),
            _ => {}
        }
    }

    pub(crate) fn put(&mut self, key: &str, bytes: Vec<u8>) {
        self.count += 1;
        let checksum = STANDARD.encode(Sha256::of(&bytes).as_bytes());
        let checksum = Some(checksum).filter(|_| !self.quirks.no_checksums);
        self.objects.insert(key.to_owned(), Object { bytes, checksum, writing: self.count });
    }

    pub(crate) fn bytes(&self, key: &str) -> Option<&[u8]> {
        self.objects.get(key).map(|object| object.bytes.as_slice())
    }

    /// How many uploads were begun and neither completed nor aborted.
    pub(crate) fn open_uploads(&self) -> usize {
        self.uploads.len()
    }

    /// How many faults never struck.
    pub(crate) fn unused(&self) -> usize {
        self.faults.len()
    }

    fn carry_out(&mut self, op: Op, request: &Request) -> Answer {
        let upload = request.query.get("uploadId").cloned().unwrap_or_default();
        let barred = request.header("if-none-match") == Some("*") && !self.quirks.overwrites;
        let barred = barred && self.objects.contains_key(&request.key);
        match op {
            Op::Bucket => self.setting(request),
            Op::Head if self.quirks.sealed && request.header("x-amz-checksum-mode").is_some() => {
                Answer { body: Vec::new(), ..error(403, "AccessDenied") }
            }
            Op::Get if self.quirks.sealed => Answer { body: SEALED.into(), ..error(403, "") },
            Op::Head | Op::Get => self.look(op, request),
            Op::Put if barred => error(412, "PreconditionFailed"),
            Op::Put | Op::Part if !self.is_right(request) => error(400, "BadDigest"),
            Op::Put => {
                self.put(&request.key, request.body.clone());
                self.written(&request.key)
            }
            Op::Begin => {
                self.count += 1;
                let id = format!("upload-{}", self.count);
                self.uploads.insert(id.clone(), BTreeMap::new());
                let result = "InitiateMultipartUploadResult";
                ok(format!("<{result}><UploadId>{id}</UploadId></{result}>").into_bytes())
            }
            Op::Part => match self.uploads.get_mut(&upload) {
                Some(parts) => {
                    let number: u32 = request.query["partNumber"].parse().unwrap();
                    parts.insert(number, request.body.clone());
                    let mut answer = ok(Vec::new());
                    answer.headers.push(("ETag", format!("\"part-{number}\"")));
                    answer
                }
                None => error(404, "NoSuchUpload"),
            },
            Op::Complete if !self.uploads.contains_key(&upload) => error(404, "NoSuchUpload"),
            Op::Complete if barred => error(412, "PreconditionFailed"),
            Op::Complete => {
                let parts = self.uploads.remove(&upload).unwrap_or_default();
                self.join(&request.key, parts);
                let written = self.written(&request.key).headers;
                let told =
                    |name| written.iter().find(|(it, _)| *it == name).map(|(_, it)| it.clone());
                let (etag, sum) = (told("ETag"), told("x-amz-checksum-sha256"));
                let sum = sum.map(|sum| format!("<ChecksumSHA256>{sum}</ChecksumSHA256>"));
                let (etag, sum) = (etag.unwrap_or_default(), sum.unwrap_or_default());
                let result = "CompleteMultipartUploadResult";
                ok(format!("<{result}><ETag>{etag}</ETag>{sum}</{result}>").into_bytes())
            }
            Op::Abort => match self.uploads.remove(&upload) {
                Some(_) => Answer { status: 204, ..ok(Vec::new()) },
                None => error(404, "NoSuchUpload"),
            },
        }
    }

    /// What a writing is answered with.
    fn written(&self, key: &str) -> Answer {
        let mut answer = ok(Vec::new());
        if let Some(object) = self.objects.get(key) {
            answer.headers.push(("ETag", format!("\"writing-{}\"", object.writing)));
            let checksum = object.checksum.iter().cloned();
            answer.headers.extend(checksum.map(|sum| ("x-amz-checksum-sha256", sum)));
        }
        answer
    }

    fn setting(&self, request: &Request) -> Answer {
        let asked = self.settings.iter().find(|(name, _)| request.query.contains_key(**name));
        match asked {
            Some((_, (status, body))) => {
                Answer { status: *status, ..ok(body.clone().into_bytes()) }
            }
            None => ok(Vec::new()),
        }
    }

    fn join(&mut self, key: &str, parts: BTreeMap<u32, Vec<u8>>) {
        let digests: Vec<u8> =
            parts.values().flat_map(|part| *Sha256::of(part).as_bytes()).collect();
        let digest = STANDARD.encode(Sha256::of(&digests).as_bytes());
        let count = parts.len();
        self.put(key, parts.into_values().flatten().collect());
        if let Some(object) = self.objects.get_mut(key).filter(|it| it.checksum.is_some()) {
            object.checksum = Some(format!("{digest}-{count}"));
        }
    }

    fn is_right(&self, request: &Request) -> bool {
        let found = STANDARD.encode(Sha256::of(&request.body).as_bytes());
        let said = request.header("x-amz-checksum-sha256");
        assert!(said.is_some(), "every body comes with its SHA-256");
        self.quirks.no_checksums || said == Some(&found)
    }

    fn look(&self, op: Op, request: &Request) -> Answer {
        let Some(object) = self.objects.get(&request.key) else {
            let answer = error(404, "NoSuchKey");
            return if op == Op::Head { Answer { body: Vec::new(), ..answer } } else { answer };
        };
        let etag = format!("\"writing-{}\"", object.writing);
        if request.header("if-match").is_some_and(|wanted| wanted != etag) {
            return error(412, "PreconditionFailed");
        }
        let mut answer = ok(if op == Op::Get { object.bytes.clone() } else { Vec::new() });
        answer.headers.push(("ETag", etag));
        answer.headers.push(("Last-Modified", "Mon, 15 Jan 2024 10:35:00 GMT".to_owned()));
        if op == Op::Head {
            answer.headers.push(("Content-Length", object.bytes.len().to_string()));
            let asked = request.header("x-amz-checksum-mode").is_some();
            if let Some(checksum) = object.checksum.as_ref().filter(|_| asked) {
                answer.headers.push(("x-amz-checksum-sha256", checksum.clone()));
            }
        }
        answer
    }
}

const SEALED: &str = "<Error><Code>AccessDenied</Code><Message>User: ada is not authorized to perform: \
                      kms:Decrypt on the resource associated with this ciphertext because no \
                      identity-based policy allows the kms:Decrypt action</Message></Error>";

fn ok(body: Vec<u8>) -> Answer {
    Answer { status: 200, headers: Vec::new(), body }
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    Answer { status, headers: Vec::new(), body: body.into_bytes() }
}
