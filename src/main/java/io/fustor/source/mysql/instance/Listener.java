package io.fustor.source.mysql.instance;

/// A part of the service that takes over what another instance did. Called by one thread.
public interface Listener {

    /// The state database changed.
    ///
    /// @param topic such as [Changes#SOURCES]
    default void changed(String topic) {}

    /// Another instance asks for an action.
    ///
    /// @param kind of the action
    /// @return whether there was something to do
    default boolean heard(String kind, String source, String argument) {
        return false;
    }
}
