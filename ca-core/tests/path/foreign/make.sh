#!/bin/sh
# Writes the CRLs and OCSP answers of this folder with OpenSSL 3: a root, two certificates whose
# distribution point is http://crl.example/1, their CRL under that name, a delta of it that revokes
# the second, and answers of a delegated responder. Keys are new each time.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
cat > ca.cnf <<'CNF'
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
crlnumber = crlnumber
certificate = root.pem
private_key = root.key
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
keyUsage = critical,digitalSignature
authorityKeyIdentifier = keyid
crlDistributionPoints = point
[point]
fullname = URI:http://crl.example/1
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,OCSPSigning
noCheck = ignored
[complete]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@scope
[delta]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@scope
2.5.29.27 = critical,ASN1:INTEGER:1
[scope]
fullname = URI:http://crl.example/1
onlyuser = TRUE
CNF
touch index.txt; echo 01 > serial; echo 01 > crlnumber
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
for one in root good revoked responder; do key $one; done
dates="-startdate 20260101000000Z -enddate 20361231235959Z"
openssl req -new -key root.key -subj "/CN=Root" -config ca.cnf -out root.csr
openssl ca -batch -config ca.cnf -selfsign -keyfile root.key -extensions root $dates -in root.csr -out root.pem -notext 2>/dev/null
for one in good revoked responder; do
  section=leaf; [ $one = responder ] && section=responder
  openssl req -new -key $one.key -subj "/CN=$one" -config ca.cnf -out $one.csr
  openssl ca -batch -config ca.cnf -extensions $section $dates -in $one.csr -out $one.pem -notext 2>/dev/null
done
until="-crl_lastupdate 20260601000000Z -crl_nextupdate 20361231235959Z"
openssl ca -config ca.cnf -gencrl -crlexts complete $until -out complete.pem
openssl ca -config ca.cnf -revoke revoked.pem -crl_reason keyCompromise 2>/dev/null
openssl ca -config ca.cnf -gencrl -crlexts delta $until -out delta.pem
for one in good revoked; do
  openssl ocsp -index index.txt -CA root.pem -rsigner responder.pem -rkey responder.key \
    -issuer root.pem -cert $one.pem -ndays 3650 -respout $one.ocsp >/dev/null 2>&1
  cp $one.ocsp "$out/$one.ocsp"
  openssl x509 -in $one.pem -outform DER -out "$out/$one.cer"
done
openssl x509 -in root.pem -outform DER -out "$out/root.cer"
for one in complete delta; do openssl crl -in $one.pem -outform DER -out "$out/$one.crl"; done
rm -r "$work"
