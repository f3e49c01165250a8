package io.fustor.source.mysql.position;

/// The end of the changes that a snapshot's rows may hold already: transactions that start before
/// it, in the binlog of its server, may have been visible in the snapshot's view.
///
/// @param server the number of the server that the view was opened on
/// @param fileNumber of the binlog file
/// @param offset in the file, in bytes
public record Overlap(long server, long fileNumber, long offset) {

    /// Behind a snapshot whose changes could not be matched with its rows: nobody can go on there.
    public static final Overlap BROKEN = new Overlap(0, 0, 0);

    /// Whether what stands at a place may be in the snapshot's rows.
    public boolean contains(FeedPosition place) {
        return place.server() == server && FeedPosition.compare(fileNumber, offset, 0, place) > 0;
    }

    /// Whether nothing that lies behind a place is in the snapshot's rows any more.
    public boolean isOverAt(FeedPosition place) {
        return place.server() == server && !contains(place);
    }
}
