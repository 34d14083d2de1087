package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetRecordsTest {
    @Test
    void what_is_out_of_range_is_refused_with_what_is_accepted() {
        Duration day = Duration.ofDays(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Budget.of("messages", -1, day))
                .withMessageContaining("0 to 1000000000, not -1");
        assertThatIllegalArgumentException().isThrownBy(() -> Budget.of("messages", Budget.MOST + 1, day));
        assertThatIllegalArgumentException().isThrownBy(() -> Budget.of("Messages", 1, day));
        assertThatIllegalArgumentException().isThrownBy(() -> Budget.of("", 1, day));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Budget.of("messages", 1, Duration.ZERO))
                .withMessageContaining("1 ms");
        assertThatIllegalArgumentException().isThrownBy(() -> new Window.Idle(Duration.ofDays(32)));
        assertThatIllegalArgumentException().isThrownBy(() -> BudgetUser.of(0)).withMessageContaining("above 0, not 0");
    }

    @Test
    void a_whitelist_tells_ids_from_names_and_ignores_space_at_and_case() {
        Whitelist list = Whitelist.of(Arrays.asList(" @Alice ,42,,bob_7".split(",", -1)));

        assertThat(list).isEqualTo(new Whitelist(Set.of(42L), Set.of("alice", "bob_7")));
        assertThat(list.size()).isEqualTo(3);
        assertThat(list.contains(BudgetUser.of(42, "somebody"))).isTrue();
        assertThat(list.contains(BudgetUser.of(1, "ALICE"))).isTrue();
        assertThat(list.contains(BudgetUser.of(1, "@Bob_7\t"))).isTrue();
        assertThat(list.contains(BudgetUser.of(1, "42"))).as("a name is no id").isFalse();
        assertThat(list.contains(BudgetUser.of(1, "  "))).isFalse();
        assertThat(list.contains(BudgetUser.of(1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"@", "a b", "-5", "0", "0000", "@@ann", "ann!", "1234567890123456789", "7up", "änn"})
    void what_is_neither_id_nor_name_is_refused_without_being_repeated(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Whitelist.of(List.of("42", entry)))
                .withMessage("entry 2 is neither a user's id nor a username");
    }

    @Test
    void nobodys_name_is_shown() {
        assertThat(BudgetUser.of(42, "@Alice")).hasToString("user 42");
        assertThat(BudgetUser.of(42, "@Alice").username()).contains("alice");
        assertThat(Budget.of("messages", 1, Duration.ofDays(1))
                        .withWhitelist(Whitelist.of(List.of("alice", "42")))
                        .toString())
                .contains("whitelist of 2")
                .doesNotContain("alice");
    }
}
