package dev.sluice.server.assembly;

import dev.sluice.server.settings.UploadSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where uploads are kept while they are sent: the folder that is set, or one of this process' own, which goes with it. */
final class SpoolFolder {
    private static final Logger log = LoggerFactory.getLogger(SpoolFolder.class);

    private SpoolFolder() {}

    /** @throws StartException if none can be made */
    static Path open(UploadSettings uploads, OpenedParts opened) {
        if (uploads.directory().isPresent()) {
            return uploads.directory().get();
        }
        try {
            // A name that nobody can foresee, since everybody may write to the folder it is in.
            return opened.opened(Files.createTempDirectory("sluice-spool-"), SpoolFolder::remove);
        } catch (IOException e) {
            throw new StartException(
                    "no folder for uploads can be made in " + System.getProperty("java.io.tmpdir")
                            + ": set SLUICE_SPOOL_DIR",
                    e);
        }
    }

    private static void remove(Path folder) {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            log.warn("the folder for uploads could not be removed");
        }
    }
}
