package dev.sluice.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTableTest {
    private static final String ROW = "a:{<bot>}:b | string | ttl: soon | ids | Writer | something";
    private static final KeyTable TABLE = KeyTable.ofSluice();

    @ParameterizedTest
    @CsvSource(
            delimiterString = " is ",
            value = {
                "rate_limit:{limits}:definitions is rate_limit:{limits}:definitions",
                "rate_limit:{limits}:imports:- is rate_limit:{limits}:<limit>:<subject>",
                "rate_limit:{42}:floods:replies is rate_limit:{<tag>}:floods:replies",
                "rate_limit:{42}:chat:-100123 is rate_limit:{<tag>}:<scope>:<subject>",
                "idempotency:{work-0f3a}:0f3a5678901234567890123456789012 is idempotency:{<tag>}:<digest>",
                "msg_queue:{bots}:seen is msg_queue:{bots}:seen",
                "msg_queue:{42}:lane:#1767225600000000 -100 is msg_queue:{<bot>}:lane:<lane>",
                "msg_queue:{42}:lane:~0f3a5678901234567890123456789012 is msg_queue:{<bot>}:lane:<lane>",
                "msg_queue:{42}:ready:pv is msg_queue:{<bot>}:ready:<kind>",
                "broadcast:{42}:17:results is broadcast:{<bot>}:<number>:results",
                "fsm:{-42}:77:-100123:0:default is fsm:{<user>}:<bot>:<chat>:<thread>:<destiny>",
                "cache:{7_42}:user is cache:{<key>}:<cache>"
            })
    void a_key_belongs_to_the_first_family_that_fits(String name, String family) {
        assertThat(TABLE.familyOf(name).map(KeyFamily::name)).contains(family);
    }

    /** A name, text or a token where an id belongs makes a key that nobody knows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "msg_queue",
                "msg_queue:{42}",
                "msg_queue:{42}:lane:@ann",
                "msg_queue:{ann}:state",
                "msg_queue:{42}:states",
                "idempotency:{42}:order-17",
                "budget:{@ann}:messages",
                "session:{42}:123:secret",
                "payments:{42}:1"
            })
    void a_key_of_no_family_is_known_as_such(String name) {
        assertThat(TABLE.familyOf(name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " is ",
            value = {
                "msg_queue:{42}:lane:@ann is msg_queue:{?}:lane:?",
                "msg_queue:{bots}:ann is msg_queue:{bots}:?",
                "idempotency:{42}:order-17 is idempotency:{?}:?",
                "payments:{42}:ann:17 is payments:{?}:?:?",
                "123456:AAsecret is ?:?",
                "Ann Lee is ?",
                "x:1:2:3:4:5:6:7:8:9:10 is x:?:?:?:?:?:?:?"
            })
    void of_such_a_key_only_what_the_table_has_is_shown(String name, String shown) {
        assertThat(TABLE.masked(name)).isEqualTo(shown);
    }

    @Test
    void a_line_that_is_no_family_is_refused_with_what_it_says() {
        assertThat(KeyTable.parse("# words\n\n" + ROW + "\n").families())
                .containsExactly(new KeyFamily(
                        "a:{<bot>}:b", KeyType.STRING, false, "soon", KeyContent.IDS, "Writer", "something"));
        assertThat(KeyTable.parse(ROW).familyOf("a:{1}:b")).isPresent();
        for (String wrong : new String[] {
            "a:b | string | ttl: soon | ids | Writer",
            ROW.replace("ttl: ", ""),
            ROW.replace("string", "text"),
            ROW.replace("ids", "anything"),
            ROW.replace("a:", "A"),
            ROW + "\n" + ROW
        }) {
            assertThatThrownBy(() -> KeyTable.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(".*(a:b|Ab|A\\{|a:\\{|text|anything).*");
        }
    }

    @Test
    void faults_are_what_the_family_does_not_allow() {
        KeyFamily owned = new KeyFamily("a:b", KeyType.HASH, true, "x", KeyContent.IDS, "W", "h");
        KeyFamily ending = new KeyFamily("a:b", KeyType.HASH, false, "x", KeyContent.IDS, "W", "h");
        assertThat(count(Optional.of(owned), 3, 2, 0).faults()).isEmpty();
        assertThat(count(Optional.of(owned), 3, 2, 1).faults()).containsExactly(KeyFault.OTHER_TYPE);
        assertThat(count(Optional.of(ending), 3, 0, 0).faults()).isEmpty();
        assertThat(count(Optional.of(ending), 3, 1, 0).faults()).containsExactly(KeyFault.WITHOUT_TTL);
        assertThat(count(Optional.empty(), 3, 0, 0).faults()).containsExactly(KeyFault.UNKNOWN);
        assertThat(count(Optional.empty(), 3, 1, 0).faults()).containsExactly(KeyFault.UNKNOWN, KeyFault.WITHOUT_TTL);
        assertThat(FamilyCount.none(ending).faults()).isEmpty();
    }

    private static FamilyCount count(Optional<KeyFamily> family, long keys, long withoutTtl, long ofOtherType) {
        FamilyCount none = FamilyCount.none(TABLE.families().getFirst());
        return new FamilyCount(
                "a:b", family, keys, withoutTtl, ofOtherType, none.shortestMillis(), none.longestMillis(), 0);
    }
}
