package io.fustor.source.mysql.state;

/// The property that names the folder of the embedded database and the key file.
public final class DataDirectory {

    public static final String PROPERTY = "fustor.data-dir";

    /// Relative to the working directory.
    public static final String DEFAULT = "./data";

    private DataDirectory() {}
}
