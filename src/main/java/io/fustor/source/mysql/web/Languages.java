package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.i18n.AcceptHeaderLocaleResolver;

/// The languages of the service: Chinese if `Accept-Language` prefers any Chinese to English,
/// otherwise English.
@Configuration(proxyBeanMethods = false)
class Languages {

    /// Resolves the language of the caller, even if no controller is reached.
    static final LocaleResolver OF_CALLER = ofCaller();

    private static LocaleResolver ofCaller() {
        AcceptHeaderLocaleResolver resolver = new OfHeader();
        resolver.setSupportedLocales(List.of(Locale.ENGLISH, Locale.CHINESE));
        resolver.setDefaultLocale(Locale.ENGLISH);
        return resolver;
    }

    private static final class OfHeader extends AcceptHeaderLocaleResolver {

        /// A header that the firewall rejects names no language. The refusal of such a request is
        /// text for its caller too.
        @Override
        public Locale resolveLocale(HttpServletRequest request) {
            try {
                return super.resolveLocale(request);
            } catch (RequestRejectedException _) {
                return Locale.ENGLISH;
            }
        }
    }

    /// Spring finds this bean by its name; controllers receive the language as a Locale parameter.
    @Bean
    LocaleResolver localeResolver() {
        return OF_CALLER;
    }
}
