package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.gateway.Route.Account;
import dev.sluice.server.gateway.TrustedTokens.Verdict;
import dev.sluice.telegram.BotToken;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrustedTokensTest {
    private static final Account OLD = Accounts.of("1000:AAold-old-old-old-old");
    private static final Account NEW = Accounts.of("1000:AAnew-new-new-new-new");

    private final AtomicLong nanos = new AtomicLong();
    private final List<Promise<Tried>> asked = new ArrayList<>();
    private final List<BotToken> confirmed = new ArrayList<>();
    private final TrustedTokens tokens = new TrustedTokens(this::ask, confirmed::add, nanos::get);

    @Test
    void a_token_is_asked_about_once_and_trusted_for_a_day() {
        Future<Verdict> verdict = tokens.check(OLD);
        assertThat(verdict.isComplete()).isFalse();
        answer(200, "{\"ok\":true,\"result\":{}}");

        assertThat(verdict.result()).isInstanceOf(Verdict.Trusted.class);
        pass(Duration.ofHours(23));
        assertThat(tokens.check(OLD).result()).isInstanceOf(Verdict.Trusted.class);
        assertThat(asked).hasSize(1);
        pass(Duration.ofHours(2));
        assertThat(tokens.check(OLD).isComplete()).isFalse();
        assertThat(asked).hasSize(2);
    }

    @Test
    void simultaneous_checks_share_one_question() {
        Future<Verdict> first = tokens.check(OLD);
        Future<Verdict> second = tokens.check(OLD);
        Future<Verdict> other = tokens.check(NEW);
        assertThat(asked).hasSize(2);
        answer(200, "{\"ok\":true}");

        assertThat(first.result()).isInstanceOf(Verdict.Trusted.class);
        assertThat(second.result()).isInstanceOf(Verdict.Trusted.class);
        assertThat(other.isComplete()).isFalse();
    }

    @Test
    void a_401_is_remembered_for_a_minute_and_leaves_the_bots_own_token_alone() {
        tokens.trust(OLD);
        Future<Verdict> wrong = tokens.check(NEW);
        answer(401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");

        assertThat(status(wrong)).isEqualTo(401);
        assertThat(status(tokens.check(NEW))).isEqualTo(401);
        assertThat(tokens.isRefused(NEW)).isTrue();
        assertThat(asked).hasSize(1);
        assertThat(tokens.check(OLD).result()).isInstanceOf(Verdict.Trusted.class);
        pass(Duration.ofSeconds(61));
        assertThat(tokens.check(NEW).isComplete()).isFalse();
    }

    @Test
    void a_new_valid_token_replaces_the_old() {
        tokens.trust(OLD);
        tokens.trust(NEW);

        assertThat(tokens.check(NEW).result()).isInstanceOf(Verdict.Trusted.class);
        assertThat(tokens.check(OLD).isComplete()).isFalse();
    }

    @Test
    void a_trusted_token_that_telegram_refuses_is_trusted_no_more() {
        tokens.trust(OLD);
        tokens.refuse(OLD);

        assertThat(status(tokens.check(OLD))).isEqualTo(401);
    }

    @Test
    void a_token_is_told_about_when_telegram_vouches_for_it_and_not_again() {
        tokens.check(OLD);
        assertThat(confirmed).isEmpty();
        answer(200, "{\"ok\":true}");
        tokens.check(OLD);
        tokens.check(new Account(NEW.token(), true));
        asked.getLast().complete(heard(200, "{\"ok\":true}"));

        assertThat(confirmed).as("and never of the test environment").containsExactly(OLD.token());
    }

    @Test
    void the_test_environment_is_another_world() {
        tokens.trust(OLD);

        assertThat(tokens.check(new Account(OLD.token(), true)).isComplete()).isFalse();
    }

    @Test
    void what_says_nothing_about_the_token_is_not_remembered() {
        assertThat(afterwards(new Tried.NotReached("connect"))).isEqualTo(502);
        assertThat(afterwards(new Tried.Unanswered("timeout"))).isEqualTo(504);
        assertThat(afterwards(heard(500, "{}"))).isEqualTo(502);
        assertThat(afterwards(heard(200, "<html>"))).isEqualTo(502);
        assertThat(afterwards(heard(404, "{\"ok\":false}"))).isEqualTo(404);
        assertThat(afterwards(heard(429, "{\"ok\":false,\"parameters\":{\"retry_after\":3}}")))
                .isEqualTo(429);
        assertThat(asked).hasSize(6);
    }

    private int afterwards(Tried tried) {
        Future<Verdict> verdict = tokens.check(OLD);
        asked.getLast().complete(tried);
        return status(verdict);
    }

    private Future<Tried> ask(Account account) {
        Promise<Tried> promise = Promise.promise();
        asked.add(promise);
        return promise.future();
    }

    private void answer(int status, String body) {
        asked.getFirst().complete(heard(status, body));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static Tried.Heard heard(int status, String body) {
        return new Tried.Heard(status, Optional.empty(), Optional.empty(), body.getBytes(StandardCharsets.UTF_8));
    }

    private static int status(Future<Verdict> verdict) {
        return ((Verdict.Refused) verdict.result()).answer().status();
    }
}
