package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.instance.Instances;
import io.fustor.source.mysql.instance.Listener;
import org.springframework.stereotype.Component;

/// Starts and stops sources on all instances. The state database holds what is stopped, so that
/// instances which start later know it too. A notice only lets the caller wait until all instances
/// have done it. Any thread may call.
@Component
public class SourceSwitch implements Listener {

    private static final String START = "start";
    private static final String STOP = "stop";

    /// Says that the state database holds it. Version 0.2.0 stores nothing, and its notices do not
    /// say so.
    private static final String STORED = "stored";

    private final Sources sources;
    private final Instances instances;

    SourceSwitch(Sources sources, Instances instances) {
        this.sources = sources;
        this.instances = instances;
    }

    /// Starts a stopped source. A running one continues.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is disabled
    public void start(String id) {
        sources.start(id);
        instances.tell(START, id, STORED);
    }

    /// Stops a source; its subscribers receive a last event.
    ///
    /// @throws RequestException NOT_FOUND
    public void stop(String id) {
        sources.stop(id);
        instances.tell(STOP, id, STORED);
    }

    /// Does what another instance was asked for. The others are to do it too, so it never counts as
    /// found.
    @Override
    public boolean heard(String kind, String source, String argument) {
        try {
            if (argument.equals(STORED)) {
                sources.refresh();
            } else if (kind.equals(START)) {
                sources.start(source);
            } else if (kind.equals(STOP)) {
                sources.stop(source);
            }
        } catch (RequestException _) {
            // It was deleted or disabled meanwhile.
            return false;
        }
        return false;
    }
}
