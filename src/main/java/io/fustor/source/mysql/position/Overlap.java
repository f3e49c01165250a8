package io.fustor.source.mysql.position;

/// The end of the changes that a snapshot's rows may already contain. Transactions that start
/// before it, in the binlog of its server, may have been visible in the snapshot's view.
///
/// @param server the number of the server on which the view was opened
/// @param fileNumber of the binlog file
/// @param offset in the file, in bytes
public record Overlap(long server, long fileNumber, long offset) {

    /// Marks a snapshot whose changes could not be matched with its rows. No subscriber can resume
    /// there.
    public static final Overlap BROKEN = new Overlap(0, 0, 0);

    /// Whether a change at a place may be in the snapshot's rows.
    public boolean contains(Place place) {
        return place.server() == server && Place.compare(fileNumber, offset, 0, place) > 0;
    }

    /// Whether no change after a place is in the snapshot's rows.
    public boolean isOverAt(Place place) {
        return place.server() == server && !contains(place);
    }
}
