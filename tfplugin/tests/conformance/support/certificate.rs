//! A certificate as go-plugin makes it for each process: P-521, self-signed, an authority.
//!
//! Written by hand, because none of the libraries here makes P-521 certificates.

use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{DerSignature, SigningKey};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const UTF8: u8 = 0x0c;
const OCTETS: u8 = 0x04;
const BITS: u8 = 0x03;
const TRUE: [u8; 3] = [0x01, 0x01, 0xff];

const ECDSA_WITH_SHA512: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
const EC_PUBLIC_KEY: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const SECP521R1: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x23];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANIZATION: [u8; 3] = [0x55, 0x04, 0x0a];
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
const EXTENDED_KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x25];
const SUBJECT_ALT_NAME: [u8; 3] = [0x55, 0x1d, 0x11];
const SERVER_AUTH: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// A fresh P-521 key.
pub(crate) fn key() -> SigningKey {
    let mut secret = [0; 66];
    rustls::crypto::ring::default_provider().secure_random.fill(&mut secret).unwrap();
    // Below 2^512, so certainly below the order of the curve.
    secret[..2].fill(0);
    SigningKey::from_slice(&secret).unwrap()
}

/// DER of a certificate for `key`, signed by itself.
pub(crate) fn self_signed(key: &SigningKey) -> Vec<u8> {
    let algorithm = tlv(SEQUENCE, &tlv(OID, &ECDSA_WITH_SHA512));
    let name = tlv(
        SEQUENCE,
        &[attribute(&COMMON_NAME, "localhost"), attribute(&ORGANIZATION, "HashiCorp")].concat(),
    );
    let validity = [tlv(0x17, b"200101000000Z"), tlv(0x18, b"20991231235959Z")].concat();
    let body = [
        vec![0xa0, 3, 0x02, 1, 2],
        vec![0x02, 1, 1],
        algorithm.clone(),
        name.clone(),
        tlv(SEQUENCE, &validity),
        name,
        public_key(key),
        tlv(0xa3, &tlv(SEQUENCE, &extensions())),
    ];
    let body = tlv(SEQUENCE, &body.concat());
    let signature: DerSignature = key.sign(&body);
    let signature = bits(signature.as_bytes());
    tlv(SEQUENCE, &[body, algorithm, signature].concat())
}

/// As `PLUGIN_CLIENT_CERT` carries it.
pub(crate) fn pem(der: &[u8]) -> String {
    use base64::Engine as _;

    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|l| str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn public_key(key: &SigningKey) -> Vec<u8> {
    let algorithm = [tlv(OID, &EC_PUBLIC_KEY), tlv(OID, &SECP521R1)].concat();
    let point = key.verifying_key().to_sec1_point(false);
    tlv(SEQUENCE, &[tlv(SEQUENCE, &algorithm), bits(point.as_bytes())].concat())
}

fn extensions() -> Vec<u8> {
    let usages = [tlv(OID, &CLIENT_AUTH), tlv(OID, &SERVER_AUTH)].concat();
    [
        extension(&BASIC_CONSTRAINTS, &tlv(SEQUENCE, &TRUE)),
        extension(&EXTENDED_KEY_USAGE, &tlv(SEQUENCE, &usages)),
        extension(&SUBJECT_ALT_NAME, &tlv(SEQUENCE, &tlv(0x82, b"localhost"))),
    ]
    .concat()
}

fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[tlv(OID, oid), tlv(OCTETS, value)].concat())
}

fn attribute(oid: &[u8], value: &str) -> Vec<u8> {
    tlv(SET, &tlv(SEQUENCE, &[tlv(OID, oid), tlv(UTF8, value.as_bytes())].concat()))
}

fn bits(content: &[u8]) -> Vec<u8> {
    tlv(BITS, &[&[0], content].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let header = match length {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [header, content.to_vec()].concat()
}
