package org.apache.catalina.connector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.CharBuffer;

/// The buffer for the characters of a body, which Tomcat makes for every request and keeps with it.
/// No body here is read as characters.
public final class CharacterBuffers {

    /// Tomcat reads characters in pieces of this size then, if it has to.
    private static final int SMALL = 64;

    private static final VarHandle CHARACTERS = characters();

    private CharacterBuffers() {}

    private static VarHandle characters() {
        try {
            return MethodHandles.privateLookupIn(InputBuffer.class, MethodHandles.lookup())
                    .findVarHandle(InputBuffer.class, "cb", CharBuffer.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Replaces the buffer of a request by a small one, for good.
    public static void release(org.apache.coyote.Request coyote) {
        if (coyote.getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request) {
            CHARACTERS.set(request.inputBuffer, CharBuffer.allocate(SMALL).limit(0));
        }
    }
}
