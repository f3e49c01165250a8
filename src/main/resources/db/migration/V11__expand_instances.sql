-- The instances that share this database, and what they tell each other. A migration whose name begins with "expand"
-- adds only what an older version does not miss, so that one may run beside a newer one during an update.
CREATE TABLE service_instance (
    -- drawn at each start
    id        VARCHAR(36)  NOT NULL PRIMARY KEY,
    name      VARCHAR(200) NOT NULL,
    -- milliseconds since 1970, by the clock of this database
    heartbeat BIGINT       NOT NULL,
    -- notices up to this number are done
    heard     BIGINT       NOT NULL
);

-- How much of a budget an instance may use. All leases of a budget together are at most the budget.
CREATE TABLE budget_lease (
    budget   VARCHAR(500) NOT NULL,
    instance VARCHAR(36)  NOT NULL,
    granted  INT          NOT NULL,
    -- how much more it could use now
    wanted   INT          NOT NULL,
    PRIMARY KEY (budget, instance)
);

-- Counts changes by topic, so that each instance notices them with one question. The row `lease` is locked by each
-- instance that changes leases.
CREATE TABLE state_change (
    topic  VARCHAR(32) NOT NULL PRIMARY KEY,
    number BIGINT      NOT NULL
);
INSERT INTO state_change (topic, number) VALUES ('lease', 0);
INSERT INTO state_change (topic, number) VALUES ('sources', 0);
INSERT INTO state_change (topic, number) VALUES ('notice', 0);
INSERT INTO state_change (topic, number) VALUES ('view', 0);

-- What one instance asks all others to do.
CREATE TABLE instance_notice (
    number    BIGINT       NOT NULL PRIMARY KEY,
    instance  VARCHAR(36)  NOT NULL,
    kind      VARCHAR(32)  NOT NULL,
    source_id VARCHAR(128) NOT NULL,
    argument  VARCHAR(200) NOT NULL,
    created   BIGINT       NOT NULL,
    -- how many instances had something to do
    found     INT          NOT NULL
);

-- What each instance serves, while another one asks.
CREATE TABLE instance_view (
    instance VARCHAR(36) NOT NULL PRIMARY KEY,
    taken    BIGINT      NOT NULL,
    -- a JSON document, compressed by gzip
    document LONGBLOB    NOT NULL
);
