//! The derive of `tfplugin`.
