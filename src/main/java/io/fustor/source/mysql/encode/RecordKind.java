package io.fustor.source.mysql.encode;

/// What a record tells of a row. Its letter begins the record's frame.
public enum RecordKind {
    READ('r'),
    CREATE('c'),
    UPDATE('u'),
    DELETE('d'),
    /// The first half of an update that changes the key: the old key is gone. Its token names the
    /// place before the update, so that nothing may end between the halves.
    MOVED_FROM('D'),
    /// The second half: the new key is there.
    MOVED_TO('C'),
    TRUNCATE('t');

    private final char letter;

    RecordKind(char letter) {
        this.letter = letter;
    }

    public char letter() {
        return letter;
    }

    /// The kind with a letter.
    ///
    /// @throws IllegalArgumentException if there is none
    public static RecordKind of(int letter) {
        return switch (letter) {
            case 'r' -> READ;
            case 'c' -> CREATE;
            case 'u' -> UPDATE;
            case 'd' -> DELETE;
            case 'D' -> MOVED_FROM;
            case 'C' -> MOVED_TO;
            case 't' -> TRUNCATE;
            default -> throw new IllegalArgumentException("no kind of record: " + letter);
        };
    }
}
