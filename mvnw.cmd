@echo off
rem Runs this project's Maven build, from whatever folder it is called; mvnw says how it chooses.
rem
rem MVNW_REPOURL      a mirror with a Maven repository's layout to download Maven from
rem MVNW_VERBOSE=true says which JDK and which Maven are used
rem MAVEN_USER_HOME   the user's Maven folder (%USERPROFILE%\.m2)
setlocal
set "MVNW_PROJECT=%~dp0"
set "MVNW_JAVA="
set "MVNW_MAVEN="
set "MVNW_SCRIPT=%~f0"
for /f "usebackq tokens=1,* delims==" %%a in (`powershell -NoProfile -ExecutionPolicy Bypass -Command "$text = [IO.File]::ReadAllText($env:MVNW_SCRIPT); Invoke-Expression $text.Substring($text.LastIndexOf('#begin'))"`) do (
    if "%%a"=="java" set "MVNW_JAVA=%%b"
    if "%%a"=="maven" set "MVNW_MAVEN=%%b"
)
if not defined MVNW_JAVA exit /b 1
if not defined MVNW_MAVEN exit /b 1
if "%MVNW_VERBOSE%"=="true" echo mvnw: JDK %MVNW_JAVA%, Maven %MVNW_MAVEN% 1>&2
set "JAVA_HOME=%MVNW_JAVA%"
cd /d "%MVNW_PROJECT%"
call "%MVNW_MAVEN%" %*
exit /b %ERRORLEVEL%

#begin
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Fail($sentence) {
    [Console]::Error.WriteLine("mvnw: $sentence")
    exit 1
}

function Get-JdkVersion($folder) {
    $release = Join-Path $folder 'release'
    if ($folder -and (Test-Path (Join-Path $folder 'bin\javac.exe')) -and (Test-Path $release)) {
        $line = Select-String -Path $release -Pattern '^JAVA_VERSION="(\d+)'
        if ($line) { return [int]$line.Matches[0].Groups[1].Value }
    }
    return 0
}

function Find-Jdk {
    $folders = @()
    if ($env:JAVA_HOME) { $folders += $env:JAVA_HOME }
    $java = Get-Command java.exe -ErrorAction SilentlyContinue
    if ($java) { $folders += Split-Path (Split-Path $java.Source) }
    foreach ($folder in $folders) {
        if ((Get-JdkVersion $folder) -ge 25) { return $folder }
    }
    $places = 'Eclipse Adoptium', 'Java', 'Microsoft', 'Amazon Corretto', 'Zulu', 'BellSoft' |
        ForEach-Object { Join-Path $env:ProgramFiles "$_\*" }
    $places += "$env:USERPROFILE\.jdks\*", "$env:USERPROFILE\.jbang\cache\jdks\*", "$env:USERPROFILE\scoop\apps\*jdk*\current"
    $newest = Get-Item $places -ErrorAction SilentlyContinue | Where-Object { (Get-JdkVersion $_.FullName) -ge 25 } |
        Sort-Object { Get-JdkVersion $_.FullName } | Select-Object -Last 1
    if (-not $newest) {
        Fail 'no JDK 25 or newer found: install one (for instance from https://adoptium.net) or point JAVA_HOME at it.'
    }
    return $newest.FullName
}

function Find-Maven($jdk) {
    $env:JAVA_HOME = $jdk
    $maven = Get-Command mvn.cmd -ErrorAction SilentlyContinue
    if ($maven -and ((& $maven.Source -v) -join ' ') -match 'Apache Maven (\d+\.\d+\.\d+)') {
        if ([version]$Matches[1] -ge [version]'3.8.7') { return $maven.Source }
    }
    $properties = ConvertFrom-StringData ((Get-Content (Join-Path $env:MVNW_PROJECT '.mvn\wrapper\maven-wrapper.properties')) -join "`n")
    $version = $properties.mavenVersion
    $url = $properties.distributionUrl
    if ($env:MVNW_REPOURL) {
        $url = $env:MVNW_REPOURL.TrimEnd('/') + "/org/apache/maven/apache-maven/$version/apache-maven-$version-bin.tar.gz"
    }
    $user = if ($env:MAVEN_USER_HOME) { $env:MAVEN_USER_HOME } else { Join-Path $env:USERPROFILE '.m2' }
    $kept = Join-Path $user "wrapper\dists\apache-maven-$version"
    $place = Join-Path $kept $properties.distributionSha512Sum.Substring(0, 32)
    if (-not (Test-Path "$place\bin\mvn.cmd")) {
        [Console]::Error.WriteLine("mvnw: downloading Apache Maven $version")
        $work = Join-Path $kept ('download.' + [Guid]::NewGuid())
        New-Item -ItemType Directory -Force $work | Out-Null
        try {
            [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
            Invoke-WebRequest -UseBasicParsing -Uri $url -OutFile "$work\maven.tar.gz"
            if ((Get-FileHash -Algorithm SHA512 "$work\maven.tar.gz").Hash -ne $properties.distributionSha512Sum) {
                Fail "$url does not have the SHA-512 that .mvn\wrapper\maven-wrapper.properties holds; it was not used."
            }
            & tar.exe -xzf "$work\maven.tar.gz" -C $work
            Move-Item "$work\apache-maven-$version" $place
        } finally {
            Remove-Item -Recurse -Force $work
        }
    }
    return "$place\bin\mvn.cmd"
}

$jdk = Find-Jdk
$maven = Find-Maven $jdk
Write-Output "java=$jdk"
Write-Output "maven=$maven"
