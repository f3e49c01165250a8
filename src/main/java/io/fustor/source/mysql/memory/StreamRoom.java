package io.fustor.source.mysql.memory;

import io.fustor.source.mysql.memory.ClientMemory.Use;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one stream or page reserves of the heap for its client: while its request is served as much
/// as any request may need, and a part of that when the request has left the web server.
///
/// For one thread at a time.
public final class StreamRoom implements AutoCloseable {

    private static final List<Use> OF_A_REQUEST =
            List.of(Use.SUBSCRIBER, Use.CONDITION, Use.REQUEST);

    private final ClientMemory memory;
    private final Set<Use> taken = EnumSet.noneOf(Use.class);

    private StreamRoom(ClientMemory memory) {
        this.memory = memory;
    }

    /// The room of a request; null if the heap has none.
    public static @Nullable StreamRoom take(ClientMemory memory) {
        StreamRoom room = new StreamRoom(memory);
        for (Use use : OF_A_REQUEST) {
            if (!memory.take(use)) {
                room.close();
                return null;
            }
            room.taken.add(use);
        }
        return room;
    }

    /// The request has left the web server, and the stream goes on.
    public void leaveRequest(boolean hasCondition) {
        giveBack(Use.REQUEST);
        if (!hasCondition) {
            giveBack(Use.CONDITION);
        }
    }

    private void giveBack(Use use) {
        if (taken.remove(use)) {
            memory.giveBack(use);
        }
    }

    @Override
    public void close() {
        OF_A_REQUEST.forEach(this::giveBack);
    }
}
