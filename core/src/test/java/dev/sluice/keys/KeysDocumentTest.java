package dev.sluice.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keeps docs/keys.md and the table the same; {@code -Dsluice.docs=write} rewrites it. */
class KeysDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "keys.md");
    private static final String BEGIN = "<!-- keys:begin -->\n";
    private static final String END = "<!-- keys:end -->\n";

    @Test
    void the_documentation_lists_every_family_as_the_table_has_it() throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        if ("write".equals(System.getProperty("sluice.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table() + document.substring(end));
            return;
        }

        assertThat(document.substring(begin, end)).isEqualTo(table());
    }

    private static String table() {
        return "\n| key, behind `sluice:` | type | content | what it holds | TTL, or who removes it |\n|---|---|---|---|---|\n"
                + KeyTable.ofSluice().families().stream()
                        .map(family -> "| `%s` | %s | %s | %s | %s |\n"
                                .formatted(
                                        family.name(),
                                        family.type().word(),
                                        family.content().word(),
                                        family.holds(),
                                        (family.owned() ? "" : "TTL: ") + family.goes()))
                        .collect(Collectors.joining())
                + "\n";
    }
}
