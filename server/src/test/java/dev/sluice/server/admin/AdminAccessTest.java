package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.admin.AdminAccess.Ruling;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminAccessTest {
    private static final String TOKEN = "a-long-admin-token";

    private final AdminAccess guarded = new AdminAccess(Optional.of(TOKEN), false, "0.0.0.0");
    private final AdminAccess local = new AdminAccess(Optional.empty(), true, "127.0.0.2");

    @Test
    void the_token_opens_whatever_the_host_and_origin() {
        assertThat(guarded.judge("Bearer " + TOKEN, "sluice.example", "https://console.example"))
                .isInstanceOf(Ruling.Granted.class);
        assertThat(guarded.judge("bearer  " + TOKEN, null, null)).isInstanceOf(Ruling.Granted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer ", "Basic " + TOKEN, TOKEN, "Bearer " + TOKEN + "x", ""})
    void anything_but_the_token_is_unauthorized(String authorization) {
        assertThat(guarded.judge(authorization, "localhost", null)).isInstanceOf(Ruling.Unauthorized.class);
    }

    @Test
    void no_token_shown_is_unauthorized_even_on_loopback() {
        assertThat(new AdminAccess(Optional.of(TOKEN), true, "127.0.0.1").judge(null, "localhost", null))
                .isInstanceOf(Ruling.Unauthorized.class);
    }

    @Test
    void without_a_token_nobody_is_served_on_an_address_others_can_reach() {
        assertThat(new AdminAccess(Optional.empty(), false, "0.0.0.0").judge("Bearer " + TOKEN, "localhost", null))
                .isInstanceOf(Ruling.Forbidden.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "127.0.0.2:8000"})
    void without_a_token_local_hosts_are_served(String host) {
        assertThat(local.judge(null, host, null)).isInstanceOf(Ruling.Granted.class);
        assertThat(local.judge(null, host, "http://" + host)).isInstanceOf(Ruling.Granted.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example:80", ""})
    void without_a_token_a_name_that_only_resolves_to_this_machine_is_refused(String host) {
        assertThat(local.judge(null, host, null)).isInstanceOf(Ruling.Forbidden.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "http://localhost:9999", "null"})
    void without_a_token_a_foreign_origin_is_refused(String origin) {
        assertThat(local.judge(null, "localhost:8000", origin)).isInstanceOf(Ruling.Forbidden.class);
    }

    @Test
    void without_a_token_a_request_without_host_is_refused() {
        assertThat(local.judge(null, null, null)).isInstanceOf(Ruling.Forbidden.class);
    }
}
