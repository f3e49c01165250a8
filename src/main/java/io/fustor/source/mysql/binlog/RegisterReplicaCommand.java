package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.protocol.command.Command;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `COM_REGISTER_SLAVE`: registers the connection as a replica's. The server lists it until it
/// closes, and refuses a user without `REPLICATION SLAVE`.
///
/// @param serverId the replica's server id
record RegisterReplicaCommand(long serverId) implements Command {

    private static final byte COM_REGISTER_SLAVE = 0x15;
    private static final int LENGTH = 18;

    @Override
    public byte[] toByteArray() {
        ByteBuffer packet = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        packet.put(COM_REGISTER_SLAVE).putInt((int) serverId);
        // Host, user and password are empty; port, rank and the source's id are 0.
        return packet.array();
    }
}
