//! Helm charts to objects: loading from a set of files, values, rendering, hooks, release records. Reads no file and no network.
