package io.fustor.source.mysql.access;

import java.io.IOException;
import java.time.Duration;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/// Asks the issuer of JWTs for its metadata and its keys. Every client can send a JWT that names an
/// unknown key, and each makes Spring Security ask for the keys anew; so the issuer is asked a few
/// times a minute at most. Any thread may call.
final class IssuerQuestions implements ClientHttpRequestInterceptor {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int AT_ONCE = 10;
    private static final long REFILL_NANOS = Duration.ofSeconds(2).toNanos();

    private int left = AT_ONCE;
    private long filled = System.nanoTime();

    private IssuerQuestions() {}

    static RestOperations restOperations() {
        SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
        requests.setConnectTimeout(TIMEOUT);
        requests.setReadTimeout(TIMEOUT);
        RestTemplate template = new RestTemplate(requests);
        template.getInterceptors().add(new IssuerQuestions());
        return template;
    }

    @Override
    public ClientHttpResponse intercept(
            HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        if (!mayAsk()) {
            throw new IOException("the issuer was asked for its keys too often");
        }
        return execution.execute(request, body);
    }

    private synchronized boolean mayAsk() {
        long now = System.nanoTime();
        long refills = (now - filled) / REFILL_NANOS;
        filled += refills * REFILL_NANOS;
        left = (int) Math.min(AT_ONCE, left + refills);
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
