use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A sandbox, and the journal of what is fetched into it.
struct Bench {
    directory: tempfile::TempDir,
    journal: Journal,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path(), Rotation::default());
        Self { directory, journal }
    }

    fn fetch(&mut self, uri: &Uri, cache: Option<&Cache>) -> Result<(), String> {
        let directory = self.directory.path().to_owned();
        fetch(uri, &directory, cache, &mut self.journal).map_err(|error| error.to_string())
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.directory.path().join(name).exists()
    }
}

fn uri(value: impl Into<String>) -> Uri {
    Uri { value: value.into(), ..Uri::default() }
}

/// Answers every request with these bytes; counts them.
fn server(answer: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0_u8; 4096];
            if stream.read(&mut request).is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
                stream.write_all(&answer).ok();
            }
        }
    });
    (url, asked)
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn packed(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// A file of this host and one of a web server arrive under the names they have there, and the journal says
/// so.
#[test]
fn files_arrive_under_their_own_names() {
    let mut bench = Bench::new();
    let source = tempfile::tempdir().unwrap();
    let path = source.path().join("local.txt");
    std::fs::write(&path, "here").unwrap();
    bench.fetch(&uri(path.to_str().unwrap()), None).unwrap();
    assert_eq!(bench.read("local.txt"), "here");
    let (url, _) = server(answer("200 OK", b"there"));
    bench.fetch(&uri(format!("{url}/a/remote.txt")), None).unwrap();
    assert_eq!(bench.read("remote.txt"), "there");
    let said = bench.read("stderr");
    assert!(said.contains("remote.txt': 5 bytes fetched"), "{said}");
}

/// What is executable can be run and is not unpacked; an output file may lie in a folder that is missing.
#[test]
fn an_executable_is_left_packed() {
    let mut bench = Bench::new();
    let (url, _) = server(answer("200 OK", &packed("text")));
    let wanted = Uri {
        executable: Some(true),
        output_file: Some("bin/tool.gz".to_owned()),
        ..uri(format!("{url}/x.gz"))
    };
    bench.fetch(&wanted, None).unwrap();
    let metadata = std::fs::metadata(bench.directory.path().join("bin/tool.gz")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o755);
    assert!(!bench.has("x") && !bench.has("bin/tool"));
}

/// Archives are unpacked unless that is not wanted.
#[test]
fn archives_are_unpacked_unless_not_wanted() {
    let mut bench = Bench::new();
    let (url, _) = server(answer("200 OK", &packed("text")));
    bench.fetch(&Uri { extract: Some(false), ..uri(format!("{url}/a.gz")) }, None).unwrap();
    assert!(bench.has("a.gz") && !bench.has("a"));
    bench.fetch(&uri(format!("{url}/b.gz")), None).unwrap();
    assert_eq!(bench.read("b"), "text");
    assert!(bench.has("b.gz"), "the archive stays");
}

/// What fails says what and why, and shows no password.
#[test]
fn a_failure_says_what_and_why() {
    let mut bench = Bench::new();
    let (url, _) = server(answer("404 Not Found", b"no"));
    let error = bench.fetch(&uri(format!("{url}/a")), None).unwrap_err();
    assert_eq!(error, "the server answered 404 Not Found");
    assert_eq!(
        bench.fetch(&uri("hdfs://x/a"), None).unwrap_err().split(';').next(),
        Some("the scheme 'hdfs' is not supported")
    );
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = bench.fetch(&uri(format!("http://me:secret@{free}/a")), None).unwrap_err();
    assert!(error.contains("refused") && !error.contains("secret"), "{error}");
    let (url, _) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec());
    bench.fetch(&uri(format!("{url}/a")), None).unwrap_err();
    let error =
        bench.fetch(&Uri { output_file: Some("../a".to_owned()), ..uri("/etc/passwd") }, None);
    assert!(error.unwrap_err().contains("leads out of the sandbox"));
    assert!(!bench.read("stderr").contains("secret"));
}

/// A file that may be cached is fetched once; an archive is unpacked from there and is not copied.
#[test]
fn a_cached_file_is_fetched_once() {
    let root = tempfile::tempdir().unwrap();
    let folder = cache::folder_of(root.path(), "0", None).unwrap();
    let cache = Cache { folder, limit_bytes: 1 << 20 };
    let (url, asked) = server(answer("200 OK", &packed("text")));
    let wanted = Uri { cache: Some(true), ..uri(format!("{url}/a.gz")) };
    for _ in 0..2 {
        let mut bench = Bench::new();
        bench.fetch(&wanted, Some(&cache)).unwrap();
        assert_eq!(bench.read("a"), "text");
        assert!(!bench.has("a.gz"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let mut bench = Bench::new();
    bench.fetch(&Uri { extract: Some(false), ..wanted }, Some(&cache)).unwrap();
    assert!(bench.has("a.gz"));
    assert!(bench.read("stderr").contains("from the cache"), "{}", bench.read("stderr"));
    bench.fetch(&uri(format!("{url}/a.gz")), Some(&cache)).unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2, "not without being asked for");
}
