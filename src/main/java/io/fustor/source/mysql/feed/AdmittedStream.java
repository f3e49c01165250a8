package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.source.SourceRun;

/// A stream that has a place and a beginning, and is still to be served.
///
/// @param use what it has taken of the heap
record AdmittedStream(
        SourceRun run,
        Subscription.SubscriptionId who,
        FrameForm form,
        ContentCoding coding,
        Beginning beginning,
        ClientMemory.Use use) {}
