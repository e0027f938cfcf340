"""Files that people write: cases, manifests, findings, patches."""
