package io.fustor.source.mysql.demo;

import io.fustor.source.mysql.FustorSourceMysqlApplication;
import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.TestMySql;
import java.util.Map;
import org.springframework.boot.SpringApplication;

/// Starts the demo and says how to watch it. Ctrl-C ends the service first, then the server, and
/// removes what both have written.
final class DemoApplication {

    private final TestMySql mysql;
    private final Folder data;
    private final ShopTraffic traffic;

    private DemoApplication(TestMySql mysql, Folder data) {
        this.mysql = mysql;
        this.data = data;
        this.traffic = new ShopTraffic(mysql);
    }

    public static void main(String[] arguments) {
        new DemoApplication(TestMySql.start(), Folder.temporary("fustor-demo-")).run(arguments);
    }

    private void run(String[] arguments) {
        SpringApplication.getShutdownHandlers().add(this::end);
        Shop.createIn(mysql);
        configure();
        var service = SpringApplication.from(FustorSourceMysqlApplication::main).run(arguments);
        traffic.begin();
        explain(
                service.getApplicationContext()
                        .getEnvironment()
                        .getRequiredProperty("local.server.port"));
    }

    /// As system properties, so that an argument of the command line still wins.
    private void configure() {
        Map.of(
                        "fustor.data-dir", data.path().toString(),
                        "fustor.sources.shop.driver_type", "mysql",
                        "fustor.sources.shop.uri", mysql.uri(),
                        "fustor.sources.shop.credential.user", TestMySql.CAPTURE.user(),
                        "fustor.sources.shop.credential.passwd", TestMySql.CAPTURE.password())
                .forEach(System::setProperty);
    }

    private void explain(String port) {
        System.out.printf(
                """

                The shop is open: a MySQL server at %2$s with the database "shop" (user %3$s, password %4$s).

                  the console          http://localhost:%1$s/console/
                  watch every change   curl -sN -H 'Accept: application/x-ndjson' 'http://localhost:%1$s/api/sources/shop/events?from=earliest' | jq -c 'select(.event_type) | [.table, .event_type, .rows[]?]'
                  one table, as SSE    curl -N 'http://localhost:%1$s/api/sources/shop/events?tables=shop.orders'
                  try the API          http://localhost:%1$s/swagger-ui.html

                Ctrl-C closes it.

                """,
                port, mysql.uri(), mysql.user(), mysql.password());
    }

    private void end() {
        traffic.end();
        mysql.close();
        data.delete();
    }
}
