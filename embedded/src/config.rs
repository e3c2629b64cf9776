//! What the environment decides: `PATH` (where programs are), `XDG_CACHE_HOME` and `HOME` (where
//! a downloaded nats-server is kept), `TMPDIR`. Nothing else in this crate reads it.

use std::env;
use std::path::PathBuf;

/// The folders of `PATH`, in order.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// The first file of this name in the folders of `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    path_folders().into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The user's cache folder, where one is known.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let stated = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(absolute);
    let home = env::var_os("HOME").map(PathBuf::from).filter(absolute);
    stated.or_else(|| home.map(|home| home.join(".cache")))
}

/// Where temporary files go.
pub(crate) fn temporary_folder() -> PathBuf {
    env::temp_dir()
}
