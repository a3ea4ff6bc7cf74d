using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Xunit;

namespace Probity.Server.Tests.Hosting.Settings;

public class SettingsReaderTests
{
    private const string HexKey = "9f1c27d0a4b85e6633f0718ad2c94be7510e8fa6d93b247c60f58e1b7da23c94";
    private const string OtherHexKey = "1b7da23c949f1c27d0a4b85e6633f0718ad2c94be7510e8fa6d93b247c60f58e";

    [Fact]
    public void Nothing_set_gives_the_documented_defaults()
    {
        var settings = Read().Settings!;

        Assert.Equal(StoreKind.Sqlite, settings.Store.Kind);
        Assert.EndsWith("probity-data/probity.db", settings.Store.Value, StringComparison.Ordinal);
        Assert.Equal(2555, settings.Retention.Days);
        Assert.Equal(0.7m, settings.RiskThreshold);
        Assert.True(settings.EncryptionEnabled);
        Assert.Equal(new Uri("http://127.0.0.1:8080"), Assert.Single(settings.Urls));
        Assert.Equal(settings.Urls[0], settings.PublicUrl);
        Assert.Equal("UTC", settings.TimeZone.Id);
        Assert.Equal(EventSchemaMode.Off, settings.EventSchemas);
        Assert.Equal(LogFormat.Text, settings.LogFormat);
        Assert.Null(settings.Redis);
        Assert.Null(settings.EncryptionKey);
    }

    [Fact]
    public void Every_default_and_every_plain_example_fits_its_own_rule()
    {
        foreach (var setting in SettingCatalogue.All)
        {
            Assert.True(setting.Default is null || setting.Check(setting.Default) is null, setting.Name);
            Assert.True(setting.Example.StartsWith("openssl", StringComparison.Ordinal) || setting.Check(setting.Example) is null, setting.Name);
        }
    }

    [Theory]
    [InlineData("AUDIT_DATABASE_URL", "postgresql://u:p@h/db")]
    [InlineData("AUDIT_DATABASE_URL", "postgres://u@h:5433/db?sslmode=verify-full&application_name=x")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql+asyncpg://u:p%40ss@[::1]:5432/db")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql:///db?host=/var/run/postgresql")]
    [InlineData("AUDIT_DATABASE_URL", "Host=h;Username=u;Password=p;Database=d")]
    [InlineData("AUDIT_DATABASE_URL", "sqlite:///data/x.db")]
    [InlineData("AUDIT_REDIS_URL", "redis://:p@h:6379/0")]
    [InlineData("AUDIT_REDIS_URL", "unix:///run/redis.sock")]
    [InlineData("AUDIT_SECRET_KEY", HexKey)]
    [InlineData("AUDIT_ENCRYPTION_KEY", HexKey)]
    [InlineData("AUDIT_ENCRYPTION_KEY", "nxwn0KS4XmYz8HGK0slL51EOj6bZOyR8YPWOG32iPJQ=")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "k#9v!Qz2~xW7@pL4^tR8&mN5*bC1(dF6")]
    [InlineData("AUDIT_RETENTION_DAYS", "1")]
    [InlineData("AUDIT_RETENTION_DAYS", "7y")]
    [InlineData("AML_RISK_THRESHOLD", "0")]
    [InlineData("AML_RISK_THRESHOLD", "1.0")]
    [InlineData("AUDIT_ENABLE_ENCRYPTION", "1")]
    [InlineData("AUDIT_ENABLE_ENCRYPTION", "False")]
    [InlineData("AUDIT_URLS", "http://0.0.0.0:8080;http://[::1]:9000")]
    [InlineData("AUDIT_URLS", "http://*:8080")]
    [InlineData("AUDIT_PUBLIC_URL", "https://audit.bank.test")]
    [InlineData("AUDIT_LOG_FORMAT", "JSON")]
    [InlineData("AUDIT_TIME_ZONE", "Europe/Zurich")]
    [InlineData("AUDIT_EVENT_SCHEMAS", "enforce")]
    public void A_good_value_is_taken(string name, string value)
    {
        var reading = Read((name, value));

        Assert.Empty(reading.Faults);
        Assert.NotNull(reading.Settings);
    }

    [Theory]
    [InlineData("AUDIT_DATABASE_URL", "mysql://u:hunter2x@h/db")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@h")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@/db")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@h:99999/db")]
    [InlineData("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@h/db?colour=red")]
    [InlineData("AUDIT_DATABASE_URL", "Username=u;Password=hunter2x;Nonsense=1;Host=h")]
    [InlineData("AUDIT_DATABASE_URL", "sqlite:///:memory:")]
    [InlineData("AUDIT_DATABASE_URL", "sqlite://")]
    [InlineData("AUDIT_DATABASE_URL", "just-a-word")]
    [InlineData("AUDIT_REDIS_URL", "http://:hunter2x@h")]
    [InlineData("AUDIT_SECRET_KEY", "hunter2x")]
    [InlineData("AUDIT_SECRET_KEY", "your-secret-key-here-your-secret-key-here-1234")]
    [InlineData("AUDIT_SECRET_KEY", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "hunter2x")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "changemechangemechangemechangeme")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("AUDIT_ENCRYPTION_KEY", "eW91ci1lbmNyeXB0aW9uLWtleS0zMi1ieXRlcy1sZW4=")]
    [InlineData("AUDIT_ENCRYPTION_KEY", HexKey + "00")]
    [InlineData("AUDIT_RETENTION_DAYS", "0")]
    [InlineData("AUDIT_RETENTION_DAYS", "-1")]
    [InlineData("AUDIT_RETENTION_DAYS", "seven")]
    [InlineData("AUDIT_RETENTION_DAYS", "99999999999")]
    [InlineData("AML_RISK_THRESHOLD", "0,7")]
    [InlineData("AML_RISK_THRESHOLD", "1.01")]
    [InlineData("AML_RISK_THRESHOLD", "NaN")]
    [InlineData("AUDIT_ENABLE_ENCRYPTION", "yes")]
    [InlineData("AUDIT_URLS", "8080")]
    [InlineData("AUDIT_URLS", "http://h:1/path")]
    [InlineData("AUDIT_URLS", "https://h:1")]
    [InlineData("AUDIT_PUBLIC_URL", "audit.bank.test")]
    [InlineData("AUDIT_LOG_FORMAT", "xml")]
    [InlineData("AUDIT_TIME_ZONE", "Mars/Olympus")]
    [InlineData("AUDIT_EVENT_SCHEMAS", "maybe")]
    public void A_bad_value_names_the_variable_the_rule_and_the_fix_and_shows_no_secret(string name, string value)
    {
        var reading = Read((name, value));

        Assert.Null(reading.Settings);
        var text = Assert.Single(reading.Faults).ToString();
        Assert.StartsWith(name, text, StringComparison.Ordinal);
        Assert.Contains("rule:", text, StringComparison.Ordinal);
        Assert.Contains("fix:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2x", text, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_listed_at_once()
    {
        var reading = Read(("AUDIT_RETENTION_DAYS", "0"), ("AML_RISK_THRESHOLD", "2"), ("AUDIT_LOG_FORMAT", "xml"));

        Assert.Equal(["AUDIT_RETENTION_DAYS", "AML_RISK_THRESHOLD", "AUDIT_LOG_FORMAT"], reading.Faults.Select(f => f.Name));
    }

    [Theory]
    [InlineData("postgresql://u:pa/ss@w@rd@h/db")]
    [InlineData("postgresql://u:pa/ss@h:1/db?sslpassword=pa/ss")]
    [InlineData("Host=h;Password='pa/ss;x';Username=u")]
    [InlineData("Host=h;PWD = pa/ss;Username=u")]
    [InlineData("redis://:pa/ss@h")]
    public void A_masked_address_keeps_no_part_of_a_password(string address)
    {
        var shown = StoreAddress.Mask(address);

        Assert.DoesNotContain("pa/ss", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("rd@", shown, StringComparison.Ordinal);
        Assert.Contains("****", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_PostgreSQL_URL_becomes_the_connection_string_it_stands_for()
    {
        var store = Read(("AUDIT_DATABASE_URL", "postgresql+asyncpg://al%20ice:p%40ss@db:5433/led%2Fger?sslmode=verify-full&connect_timeout=3")).Settings!.Store;

        var keys = new Npgsql.NpgsqlConnectionStringBuilder(store.Value);
        Assert.Equal(("al ice", "p@ss", "db", 5433, "led/ger"), (keys.Username, keys.Password, keys.Host, keys.Port, keys.Database));
        Assert.Equal(Npgsql.SslMode.VerifyFull, keys.SslMode);
        Assert.Equal(3, keys.Timeout);
        Assert.DoesNotContain("p%40ss", store.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Four_slashes_make_a_SQLite_path_absolute_and_three_relative()
    {
        Assert.Equal("/tmp/x.db", Read(("AUDIT_DATABASE_URL", "sqlite:////tmp/x.db")).Settings!.Store.Value);
        Assert.Equal(Path.GetFullPath("x.db"), Read(("AUDIT_DATABASE_URL", "sqlite:///x.db")).Settings!.Store.Value);
    }

    [Fact]
    public void A_secret_is_read_from_its_file_without_the_newline()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("k"), HexKey + "\r\n");

        var key = Read(("AUDIT_ENCRYPTION_KEY_FILE", folder.At("k"))).Settings!.EncryptionKey!;

        Assert.Equal(Convert.FromHexString(HexKey), key.Bytes.ToArray());
        Assert.Equal("****", key.ToString());
    }

    [Fact]
    public void A_secret_given_twice_or_in_an_unreadable_file_is_a_fault()
    {
        Assert.Single(Read(("AUDIT_SECRET_KEY", HexKey), ("AUDIT_SECRET_KEY_FILE", "/nowhere")).Faults);
        Assert.Equal("AUDIT_SECRET_KEY_FILE", Assert.Single(Read(("AUDIT_SECRET_KEY_FILE", "/nowhere/k")).Faults).Name);
    }

    [Fact]
    public void The_same_value_for_both_keys_is_a_fault()
    {
        Assert.Single(Read(("AUDIT_SECRET_KEY", HexKey), ("AUDIT_ENCRYPTION_KEY", HexKey)).Faults);
        Assert.Empty(Read(("AUDIT_SECRET_KEY", OtherHexKey), ("AUDIT_ENCRYPTION_KEY", HexKey)).Faults);
    }

    [Fact]
    public void An_unknown_name_warns_with_the_nearest_known_one()
    {
        var warning = Assert.Single(Read(("AUDIT_RETENTION_DAY", "1"), ("PATH", "/bin")).Warnings);

        Assert.Contains("AUDIT_RETENTION_DAY is not a setting", warning, StringComparison.Ordinal);
        Assert.EndsWith("AUDIT_RETENTION_DAYS", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_replaces_the_variable()
    {
        var reading = SettingsReader.Read(
            new Dictionary<string, string> { ["AUDIT_DATA_DIR"] = "/tmp/a" }, new Dictionary<string, string> { ["AUDIT_DATA_DIR"] = "/tmp/b" });

        Assert.Equal("/tmp/b", reading.Settings!.DataDir);
    }

    [Fact]
    public void Printing_the_settings_shows_no_secret()
    {
        var settings = Read(("AUDIT_SECRET_KEY", OtherHexKey), ("AUDIT_ENCRYPTION_KEY", HexKey), ("AUDIT_DATABASE_URL", "postgresql://u:hunter2x@h/db"), ("AUDIT_REDIS_URL", "redis://:hunter2x@h")).Settings!;

        var text = settings.ToString();

        Assert.DoesNotContain("hunter2x", settings.Store.ToString() + settings.Redis, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2x", text, StringComparison.Ordinal);
        Assert.DoesNotContain(HexKey, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Seven_calendar_years_are_longer_than_the_default_days()
    {
        var recorded = new DateOnly(2026, 11, 24);

        Assert.Equal(new DateOnly(2033, 11, 24), RetentionPeriod.OfYears(7).EndFor(recorded));
        Assert.Equal(new DateOnly(2033, 11, 22), RetentionPeriod.OfDays(2555).EndFor(recorded));
    }

    private static SettingsReading Read(params (string Name, string Value)[] environment) =>
        SettingsReader.Read(environment.ToDictionary(e => e.Name, e => e.Value));
}
