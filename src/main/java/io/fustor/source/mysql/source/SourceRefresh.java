package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.instance.Changes;
import io.fustor.source.mysql.instance.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Takes over the changes of other instances that share the state database. While the database
/// cannot be reached, all sources stay as they are.
@Component
class SourceRefresh implements Listener {

    private static final String INTERVAL = "${fustor.refresh:" + SourceProperties.REFRESH + "}";

    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

    private final Sources sources;

    SourceRefresh(Sources sources) {
        this.sources = sources;
    }

    @Override
    public void changed(String topic) {
        if (topic.equals(Changes.SOURCES)) {
            follow();
        }
    }

    /// Also finds what instances of former versions change, which do not count it.
    @Scheduled(fixedDelayString = INTERVAL, initialDelayString = INTERVAL)
    void follow() {
        try {
            sources.refresh();
        } catch (DataAccessException | TransactionException | ConfigurationException e) {
            LOG.warn("state=unreachable reason={}", String.valueOf(e.getMessage()));
        }
    }
}
