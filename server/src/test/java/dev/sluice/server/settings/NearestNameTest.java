package dev.sluice.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    private static final List<String> KNOWN = List.of("SLUICE_PORT", "SLUICE_HOST", "REDIS_URL", "REDIS_PORT");

    @Test
    void a_swap_an_omission_and_a_wrong_letter_are_one_edit_each() {
        assertThat(NearestName.distance("REDIS_URL", "REDIS_ULR")).isEqualTo(1);
        assertThat(NearestName.distance("REDIS_URL", "REDIS_UR")).isEqualTo(1);
        assertThat(NearestName.distance("REDIS_URL", "REDIS_URI")).isEqualTo(1);
        assertThat(NearestName.distance("", "REDIS")).isEqualTo(5);
    }

    @Test
    void the_nearest_name_is_suggested() {
        assertThat(NearestName.among(KNOWN, "SLUICE_PROT")).contains("SLUICE_PORT");
        assertThat(NearestName.among(KNOWN, "REDIS_URI")).contains("REDIS_URL");
    }

    @Test
    void a_name_without_its_prefix_is_recognised() {
        assertThat(NearestName.among(KNOWN, "HOST")).contains("SLUICE_HOST");
    }

    @Test
    void nothing_is_suggested_for_another_word() {
        assertThat(NearestName.among(KNOWN, "SLUICE_TELEMETRY_ENDPOINT")).isEmpty();
    }
}
