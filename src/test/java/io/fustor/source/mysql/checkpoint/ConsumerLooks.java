package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.support.LocalService;

/// Looks at consumers' checkpoints when a test wants it, and not every 30 s.
public final class ConsumerLooks {

    private ConsumerLooks() {}

    public static void lookAt(LocalService service, String source) {
        service.bean(ConsumerProgress.class).lookAt(source);
    }
}
