package io.fustor.source.mysql;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModularityTests {

    @Test
    void modulesUseOnlyWhatTheySay() {
        ApplicationModules.of(FustorSourceMysqlApplication.class).verify();
    }
}
