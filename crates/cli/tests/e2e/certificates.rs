//! Certificates of a test's own.

use std::path::Path;
use std::process::Command;

use cli::cluster::etcd::TlsFiles;

/// A certificate authority, and one certificate for servers and clients.
pub(crate) fn certificates(dir: &Path) -> TlsFiles {
    let path = |name: &str| dir.join(name);
    let openssl = |args: &[&str]| {
        let output = Command::new("openssl").current_dir(dir).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    };
    let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let own_ca = ["req", "-x509", "-subj", "/CN=test CA", "-days", "2"];
    openssl(&[&own_ca[..], &new_key, &["-keyout", "ca.key", "-out", "ca.pem"]].concat());
    // Without a common name: etcd takes one for a user and asks it for a password.
    let own = ["req", "-subj", "/O=test"];
    openssl(&[&own[..], &new_key, &["-keyout", "own.key", "-out", "own.csr"]].concat());
    std::fs::write(path("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(&[
        "x509",
        "-req",
        "-in",
        "own.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "own.pem",
    ]);
    TlsFiles { ca: path("ca.pem"), cert: path("own.pem"), key: path("own.key") }
}
