package io.fustor.source.mysql.source;

/// What an action has to say.
record Message(String message) {}
