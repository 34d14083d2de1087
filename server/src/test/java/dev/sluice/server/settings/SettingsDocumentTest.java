package dev.sluice.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keeps docs/settings.md and the catalogue the same; {@code -Dsluice.docs=write} rewrites the tables. */
class SettingsDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "settings.md");
    private static final String BEGIN = "<!-- settings:begin -->\n";
    private static final String END = "<!-- settings:end -->\n";

    @Test
    void the_documentation_lists_every_setting_as_the_code_has_it() throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        if ("write".equals(System.getProperty("sluice.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + tables() + document.substring(end));
            return;
        }

        assertThat(document.substring(begin, end)).isEqualTo(tables());
    }

    private static String tables() {
        return "\n## Used by this version\n\n" + table(Setting.Use.EFFECTIVE)
                + "\n## Known, checked and not used yet\n\n"
                + table(Setting.Use.LATER)
                + "\n";
    }

    private static String table(Setting.Use use) {
        List<Setting<?>> settings =
                Catalogue.all().stream().filter(setting -> setting.use() == use).toList();
        return "| variable | default | accepted | what it decides |\n|---|---|---|---|\n"
                + settings.stream()
                        .map(setting -> "| `%s` | %s | %s | %s |\n"
                                .formatted(
                                        setting.name(),
                                        setting.defaultText()
                                                .map(text -> "`" + text + "`")
                                                .orElse("none"),
                                        setting.form().accepts(),
                                        setting.meaning()))
                        .collect(Collectors.joining());
    }
}
