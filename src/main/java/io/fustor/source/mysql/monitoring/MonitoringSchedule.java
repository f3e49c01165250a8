package io.fustor.source.mysql.monitoring;

import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/// Lets the checks and meters of this module run on their schedules.
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class MonitoringSchedule {}
