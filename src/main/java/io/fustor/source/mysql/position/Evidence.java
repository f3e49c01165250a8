package io.fustor.source.mysql.position;

/// Proves that a binlog is the one in which a place was found. The file's creation time
/// distinguishes two files of one name, but only to the second. The bytes right before the place
/// also distinguish servers that share everything else, such as a copied data folder.
///
/// @param fileCreated when the server began the file, in seconds since 1970; 0 if unknown
/// @param length how many bytes right before the place, or before the start of its transaction, the
///   checksum covers; whole events, 0 for none
/// @param checksum over these bytes, without the events' own checksums
/// @param isSettled whether every reader of the file has this evidence of the place, wherever it
///   began
public record Evidence(int fileCreated, int length, int checksum, boolean isSettled) {

    /// The maximum number of bytes that are read again to prove a place.
    public static final int LONGEST = 64 * 1024;

    /// Evidence for a place that the server itself reported.
    public static final Evidence NONE = new Evidence(0, 0, 0, false);

    public Evidence {
        if (length < 0 || length > LONGEST) {
            throw new IllegalArgumentException("a proof of " + length + " bytes");
        }
    }

    /// Evidence that every reader of the file has.
    public Evidence(int fileCreated, int length, int checksum) {
        this(fileCreated, length, checksum, true);
    }

    /// Evidence for a place of which only the file is known.
    public static Evidence ofFile(int created) {
        return created == 0 ? NONE : new Evidence(created, 0, 0, false);
    }

    /// Whether both creation times are known and equal.
    public boolean isOfSameFile(Evidence other) {
        return fileCreated != 0 && fileCreated == other.fileCreated;
    }

    /// Whether the bytes before two places at the same offset are known to differ.
    public boolean contradicts(Evidence other) {
        return length != 0 && length == other.length && checksum != other.checksum;
    }
}
