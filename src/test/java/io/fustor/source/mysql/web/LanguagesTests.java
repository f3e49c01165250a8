package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.web.firewall.StrictHttpFirewall;

class LanguagesTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zh-CN | zh",
                "zh-TW, en;q=0.5 | zh",
                "en, zh;q=0.9 | en",
                "de | en",
                "\u00e7h-\u0080 | en"
            })
    void anyHeaderHasALanguage(String header, String language) {
        var request = new MockHttpServletRequest("GET", "/api/sources");
        request.addHeader("Accept-Language", header);
        var guarded = new StrictHttpFirewall().getFirewalledRequest(request);

        assertThat(Languages.OF_CALLER.resolveLocale(guarded)).isEqualTo(Locale.of(language));
    }
}
