package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.source.ConfigsController.Cleanup;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Responds to Fustor's requests for kinds that this service does not have: logs, pushers and
/// syncs. Each response names the alternative, regardless of the parameters.
@RestController
@Hidden
class OtherKindsController {

    @GetMapping("/api/logs")
    List<String> logs(@RequestParam Map<String, String> filters) {
        return List.of();
    }

    @PostMapping("/api/configs/pushers/_actions/cleanup")
    Cleanup cleanup(@RequestParam Map<String, String> parameters, Locale language) {
        return new Cleanup(Sentence.of("kinds.no-pushers").in(language), 0, List.of());
    }

    @RequestMapping({
        "/api/configs/{kind:pushers|syncs}",
        "/api/configs/{kind:pushers|syncs}/**",
        "/api/drivers/{kind:pushers|syncs}/**",
        "/api/instances/{kind:pushers|syncs}/**"
    })
    void absent(@PathVariable String kind, @RequestParam Map<String, String> parameters) {
        throw RequestException.refused(RequestCode.NOT_FOUND, "kinds.absent", kind);
    }
}
