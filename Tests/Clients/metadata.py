#!/usr/bin/env python3
"""Compares exiftool's and Pillow's reading of files before and after Vignette has written a caption into them.

    apt-get install -y libimage-exiftool-perl && pip install pillow
    python3 Tests/Clients/metadata.py WRITE...

WRITE is a command that writes the text of caption.txt into the files of the folder in VIGNETTE_METADATA_FOLDER, such as
`swift test --filter MetadataFolderTests`. The files are made here: images with metadata of every kind, and XMP in the
manners of a score of programs, as sidecars and inside images. Only the caption may differ. The exit status is 1 when
anything else does, when the caption isn't read, or when pixels changed.
"""
import collections
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, PngImagePlugin

CAPTION = 'A tabby cat & a “small” dog <on> a red sofa, café'
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"


# ---- XMP in the manner of many programs -----------------------------------------------------------------------------
# @ATTRIBUTE@ and @ELEMENT@ are where a caption stands, if there is one.

STYLES = {
    "lightroom": """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000, 0000/00/00-00:00:00        ">
 <rdf:RDF xmlns:rdf="@RDF@">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="@DC@"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:ModifyDate="2024-05-01T10:20:30+02:00"
   xmp:Rating="4"
   xmp:Label="Grün"
   xmpMM:DocumentID="xmp.did:77aa"
   crs:Version="16.2"
   crs:Exposure2012="+0.35"
   crs:HasSettings="True"@ATTRIBUTE@>
   <xmpMM:History>
    <rdf:Seq>
     <rdf:li
      stEvt:action="derived"
      stEvt:parameters="converted from image/x-nikon-nef, saved"/>
     <rdf:li
      stEvt:action="saved"
      stEvt:instanceID="xmp.iid:1234"
      stEvt:when="2024-05-01T10:20:30+02:00"
      stEvt:changed="/metadata"/>
    </rdf:Seq>
   </xmpMM:History>
   @ELEMENT@<dc:subject>
    <rdf:Bag>
     <rdf:li>Katze &amp; Hund</rdf:li>
     <rdf:li>Wohnzimmer</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>Tiere|Katze</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
   <crs:ToneCurvePV2012>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
     <rdf:li>255, 255</rdf:li>
    </rdf:Seq>
   </crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
""",
    "bridge": """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6-c140 79.160451">
   <rdf:RDF xmlns:rdf="@RDF@">
      <rdf:Description rdf:about=""
            xmlns:dc="@DC@"@ATTRIBUTE@>
         <dc:format>image/jpeg</dc:format>
         @ELEMENT@<dc:title>
            <rdf:Alt>
               <rdf:li xml:lang="x-default">A title</rdf:li>
            </rdf:Alt>
         </dc:title>
         <dc:creator>
            <rdf:Seq>
               <rdf:li>Someone</rdf:li>
            </rdf:Seq>
         </dc:creator>
      </rdf:Description>
      <rdf:Description rdf:about=""
            xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
         <photoshop:City>Zürich</photoshop:City>
         <photoshop:Urgency>3</photoshop:Urgency>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
@PADDING@<?xpacket end="w"?>""",
    "darktable": """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="@RDF@">
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="@DC@"
    xmlns:darktable="http://darktable.sf.net/"
   exif:DateTimeOriginal="2023:08:09 07:06:05.000"
   exif:GPSLatitude="47,22.1N"
   exif:GPSLongitude="8,32.5E"
   xmp:Rating="1"
   darktable:xmp_version="5"
   darktable:auto_presets_applied="1"
   darktable:history_end="2"@ATTRIBUTE@>
   <darktable:masks_history>
    <rdf:Seq/>
   </darktable:masks_history>
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="rawprepare"
      darktable:enabled="1"
      darktable:params="080000002a000000"
      darktable:multi_name=""/>
     <rdf:li
      darktable:num="1"
      darktable:operation="exposure"
      darktable:enabled="1"
      darktable:params="gz02eJxjYGBg"
      darktable:multi_name="a &lt; b"/>
    </rdf:Seq>
   </darktable:history>
   @ELEMENT@<dc:subject>
    <rdf:Bag>
     <rdf:li>darktable|changed</rdf:li>
    </rdf:Bag>
   </dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
""",
    "digikam": """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="@RDF@">
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
    xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"
    xmlns:dc="@DC@"
   digiKam:ColorLabel="0"
   digiKam:PickLabel="3"
   MicrosoftPhoto:Rating="75"
   acdsee:rating="4"@ATTRIBUTE@>
   <digiKam:TagsList>
    <rdf:Seq>
     <rdf:li>People/Anna</rdf:li>
     <rdf:li>Places/Köln</rdf:li>
    </rdf:Seq>
   </digiKam:TagsList>
   <digiKam:CaptionsAuthorNames>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">Anna</rdf:li>
    </rdf:Alt>
   </digiKam:CaptionsAuthorNames>
   @ELEMENT@</rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""",
    "captureone": """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 5.5.0">
   <rdf:RDF xmlns:rdf="@RDF@">
      <rdf:Description rdf:about="" xmlns:dc="@DC@" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"@ATTRIBUTE@>
         <xmp:Rating>5</xmp:Rating>
         <photoshop:Headline>Headline</photoshop:Headline>
         @ELEMENT@<xmp:Label>Red</xmp:Label>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
""",
    "applephotos": """<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">
   <rdf:RDF xmlns:rdf="@RDF@">
      <rdf:Description rdf:about=""
            xmlns:dc="@DC@"
            xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
            xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
            xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
            xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"@ATTRIBUTE@>
         @ELEMENT@<photoshop:DateCreated>2022-12-24T18:00:00</photoshop:DateCreated>
         <mwg-rs:Regions rdf:parseType="Resource">
            <mwg-rs:AppliedToDimensions rdf:parseType="Resource">
               <stDim:w>4032</stDim:w>
               <stDim:h>3024</stDim:h>
               <stDim:unit>pixel</stDim:unit>
            </mwg-rs:AppliedToDimensions>
            <mwg-rs:RegionList>
               <rdf:Seq>
                  <rdf:li rdf:parseType="Resource">
                     <mwg-rs:Type>Face</mwg-rs:Type>
                     <mwg-rs:Area rdf:parseType="Resource">
                        <stArea:x>0.5</stArea:x>
                        <stArea:y>0.25</stArea:y>
                     </mwg-rs:Area>
                  </rdf:li>
               </rdf:Seq>
            </mwg-rs:RegionList>
         </mwg-rs:Regions>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>""",
    "exiftool": """<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 12.57'>
<rdf:RDF xmlns:rdf='@RDF@'>

 <rdf:Description rdf:about=''
  xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>
  <Iptc4xmpExt:LocationShown>
   <rdf:Bag>
    <rdf:li rdf:parseType='Resource'>
     <Iptc4xmpExt:City>Łódź</Iptc4xmpExt:City>
     <Iptc4xmpExt:CountryName>Polska</Iptc4xmpExt:CountryName>
    </rdf:li>
   </rdf:Bag>
  </Iptc4xmpExt:LocationShown>
 </rdf:Description>

 <rdf:Description rdf:about=''
  xmlns:dc='@DC@'@ATTRIBUTE@>
  @ELEMENT@<dc:rights>
   <rdf:Alt>
    <rdf:li xml:lang='x-default'>(c) me</rdf:li>
    <rdf:li xml:lang='pl'>(c) ja</rdf:li>
   </rdf:Alt>
  </dc:rights>
 </rdf:Description>

 <rdf:Description rdf:about=''
  xmlns:tiff='http://ns.adobe.com/tiff/1.0/'>
  <tiff:Orientation>1</tiff:Orientation>
 </rdf:Description>
</rdf:RDF>
</x:xmpmeta>
@PADDING@<?xpacket end='w'?>""",
    "on1": """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 5.4.0">
   <rdf:RDF xmlns:rdf="@RDF@">
      <rdf:Description rdf:about=""
            xmlns:xmp="http://ns.adobe.com/xap/1.0/"
            xmlns:on1="http://ns.on1.com/on1/1.0/"@DECLARE@@ATTRIBUTE@>
         <xmp:Rating>0</xmp:Rating>
         <xmp:CreatorTool>ON1 Photo RAW 2024</xmp:CreatorTool>
         <on1:likes>2</on1:likes>
         @ELEMENT@</rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
""",
    "gimp": """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="@RDF@">
  <rdf:Description rdf:about=""
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:dc="@DC@"
    xmlns:GIMP="http://www.gimp.org/xmp/"
   xmpMM:DocumentID="gimp:docid:gimp:12"
   dc:Format="image/png"
   GIMP:API="2.0"
   GIMP:Platform="Linux"
   GIMP:TimeStamp="1700000000000000"@ATTRIBUTE@>
   <xmpMM:History>
    <rdf:Seq>
     <rdf:li
      stEvt:action="saved"
      stEvt:changed="/"
      stEvt:softwareAgent="Gimp 2.10 (Linux)"/>
    </rdf:Seq>
   </xmpMM:History>
  @ELEMENT@</rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
@PADDING@<?xpacket end="w"?>""",
    "immich": """<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 12.96'>
<rdf:RDF xmlns:rdf='@RDF@'>

 <rdf:Description rdf:about=''
  xmlns:exif='http://ns.adobe.com/exif/1.0/'>
  <exif:GPSLatitude>47,22.10N</exif:GPSLatitude>
  <exif:GPSLongitude>8,32.50E</exif:GPSLongitude>
 </rdf:Description>

 <rdf:Description rdf:about=''
  xmlns:digiKam='http://www.digikam.org/ns/1.0/'>
  <digiKam:TagsList>
   <rdf:Seq>
    <rdf:li>trip/2024</rdf:li>
   </rdf:Seq>
  </digiKam:TagsList>
 </rdf:Description>

 <rdf:Description rdf:about=''@DECLARE@@ATTRIBUTE@>
  @ELEMENT@</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>""",
    "photomechanic": """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0">
\t<rdf:RDF xmlns:rdf="@RDF@">
\t\t<rdf:Description rdf:about=""
\t\t\txmlns:dc="@DC@"
\t\t\txmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
\t\t\txmlns:photomechanic="http://ns.camerabits.com/photomechanic/1.0/"@ATTRIBUTE@>
\t\t\t<photomechanic:ColorClass>2</photomechanic:ColorClass>
\t\t\t<photomechanic:Tagged>False</photomechanic:Tagged>
\t\t\t<Iptc4xmpCore:CreatorContactInfo rdf:parseType="Resource">
\t\t\t\t<Iptc4xmpCore:CiEmailWork>me@example.org</Iptc4xmpCore:CiEmailWork>
\t\t\t</Iptc4xmpCore:CreatorContactInfo>
\t\t\t@ELEMENT@<Iptc4xmpCore:Location>Stadium</Iptc4xmpCore:Location>
\t\t</rdf:Description>
\t</rdf:RDF>
</x:xmpmeta>
@PADDING@<?xpacket end="w"?>""",
    "windows": """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="@RDF@"><rdf:Description rdf:about="uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b" xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"><MicrosoftPhoto:DateAcquired>2021-03-04T05:06:07</MicrosoftPhoto:DateAcquired></rdf:Description><rdf:Description rdf:about="uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b" xmlns:dc="@DC@"@ATTRIBUTE@>@ELEMENT@<dc:creator><rdf:Seq xmlns:rdf="@RDF@"><rdf:li>me</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>
@PADDING@<?xpacket end='w'?>""",
    "compact": """<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='@RDF@'><rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='3'@DECLARE@@ATTRIBUTE@>@ELEMENT@</rdf:Description></rdf:RDF></x:xmpmeta>""",
    "prefixes": """<?xml version="1.0"?>
<m:xmpmeta xmlns:m="adobe:ns:meta/"><!-- other prefixes than everybody's -->
 <r:RDF xmlns:r="@RDF@">
  <r:Description r:about="" xmlns:purl="@DC@" xmlns:z="http://ns.adobe.com/xap/1.0/" z:Rating="2"@ATTRIBUTE@>
   @ELEMENT@<purl:title><r:Alt><r:li xml:lang="x-default">T<!-- inside --></r:li></r:Alt></purl:title>
  </r:Description>
 </r:RDF>
</m:xmpmeta>
""",
    "googlecamera": """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.1.0-jc003">
  <rdf:RDF xmlns:rdf="@RDF@">
    <rdf:Description rdf:about=""
        xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
        xmlns:Container="http://ns.google.com/photos/1.0/container/"
        xmlns:Item="http://ns.google.com/photos/1.0/container/item/"@DECLARE@
      GCamera:MotionPhoto="1"
      GCamera:MotionPhotoVersion="1"@ATTRIBUTE@>
      <Container:Directory>
        <rdf:Seq>
          <rdf:li rdf:parseType="Resource">
            <Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary" Item:Length="0" Item:Padding="0"/>
          </rdf:li>
        </rdf:Seq>
      </Container:Directory>
      @ELEMENT@</rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
""",
    "rawtherapee": """<?xml version="1.0"?>
<!-- kept by hand -->
<rdf:RDF xmlns:rdf="@RDF@" xmlns:dc="@DC@" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
  <rdf:Description rdf:about=""@ATTRIBUTE@>
    <xmp:Rating>1</xmp:Rating>
    <xmp:Label><![CDATA[a < b]]></xmp:Label>
    @ELEMENT@</rdf:Description>
</rdf:RDF>
""",
}

DEFAULT = '<rdf:li xml:lang="x-default">An old caption &amp; more</rdf:li>'
GERMAN = '<rdf:li xml:lang="de-DE">Eine alte Beschreibung</rdf:li>'
# What stands there before: (attribute, element).
FORMS = {
    "none": ("", ""),
    "default": ("", f"<dc:description>\n  <rdf:Alt>\n  {DEFAULT}\n  </rdf:Alt>\n</dc:description>"),
    "languages": ("", f"<dc:description><rdf:Alt>{GERMAN}\n{DEFAULT}</rdf:Alt></dc:description>"),
    "otherlanguage": ("", f"<dc:description>\n<rdf:Alt>\n  {GERMAN}\n</rdf:Alt></dc:description>"),
    "attribute": (' dc:description="An old caption"', ""),
    "plain": ("", "<dc:description>An old caption</dc:description>"),
    "empty": ("", "<dc:description><rdf:Alt/></dc:description>"),
    "emptyitem": ("", '<dc:description><rdf:Alt><rdf:li xml:lang="x-default"/></rdf:Alt></dc:description>'),
    "alttext": ("", "<a:AltTextAccessibility xmlns:a='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'><rdf:Alt>"
                + DEFAULT + GERMAN + "</rdf:Alt></a:AltTextAccessibility>"),
}


def packet(style, form):
    """The text of a packet, or None where the two don't go together."""
    text, (attribute, element) = STYLES[style], FORMS[form]
    has_dc = "@DC@" in text
    if not has_dc:
        declare = f' xmlns:dc="{DC}"' if attribute or "dc:" in element else ""
        text = text.replace("@DECLARE@", declare)
    if style == "prefixes":
        attribute, element = attribute.replace("dc:", "purl:"), element.replace("dc:", "purl:")
        element = element.replace("rdf:", "r:")
    text = text.replace("@ATTRIBUTE@", attribute).replace("@ELEMENT@", element + "\n" if element else "")
    text = text.replace("@PADDING@", (" " * 100 + "\n") * 20)
    return text.replace("@RDF@", RDF).replace("@DC@", DC)


def wide(text, encoding):
    """In UTF-16, which exiftool tells by the beginning."""
    text = text.replace("UTF-8", "UTF-16")
    return ("\ufeff" + (text if text.startswith("<?") else '<?xml version="1.0"?>\n' + text)).encode(encoding)


ENCODINGS = {
    "": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf16le": lambda text: wide(text, "utf-16-le"),
    "utf16be": lambda text: wide(text, "utf-16-be"),
}


def sidecars(folder):
    for style in STYLES:
        for form in FORMS:
            (folder / f"{style}-{form}.jpg.xmp").write_bytes(packet(style, form).encode())
        for name, encode in ENCODINGS.items():
            if name:
                (folder / f"{style}-languages-{name}.jpg.xmp").write_bytes(encode(packet(style, "languages")))


# ---- Images ---------------------------------------------------------------------------------------------------------

def picture(mode="RGB", size=(37, 23)):
    image = Image.new(mode, size)
    bands = len(image.getbands())
    values = [(x * 7 + y * 11) % 256 for y in range(size[1]) for x in range(size[0])]
    image.putdata([tuple((v + 60 * b) % 256 for b in range(bands)) if bands > 1 else v for v in values])
    return image


def exif_block(description=None):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker of cameras", "Model 1", 6
    if description:
        exif[0x010E] = description
    inner = exif.get_ifd(0x8769)
    inner[0x9003], inner[0x829A], inner[0x927C] = "2024:01:02 03:04:05", 0.004, b"NOTE\x00" + bytes(range(200))
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (47.0, 22.0, 6.0)
    return exif


def insert(jpeg, marker, content):
    return jpeg[:2] + bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content + jpeg[2:]


def data_set(record, number, value):
    return bytes([0x1C, record, number]) + len(value).to_bytes(2, "big") + value


def photoshop(block):
    resource = b"8BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + block + b"\0" * (len(block) % 2)
    return b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0" + (16).to_bytes(4, "big") + b"\0\x48\0\0\0\1\0\1" * 2 + resource


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def images(folder):
    def write(name, data):
        (folder / name).write_bytes(data)

    rgb, plain = picture(), saved(picture(), "JPEG")
    icc = b"\0" * 36 + b"acsp" + b"\0" * 88
    write("plain.jpg", plain)
    write("grey.jpg", saved(picture("L"), "JPEG"))
    write("cmyk.jpg", saved(picture("CMYK"), "JPEG"))
    write("progressive.jpg", saved(rgb, "JPEG", progressive=True, icc_profile=icc))
    write("exif.jpg", saved(rgb, "JPEG", exif=exif_block()))
    write("described.jpg", saved(rgb, "JPEG", exif=exif_block("An old description")))
    write("described-long.jpg", saved(rgb, "JPEG", exif=exif_block("An old description " * 20)))
    utf8 = data_set(1, 90, b"\x1b%G")
    old = data_set(2, 120, b"old")
    write("iptc.jpg", insert(plain, 0xED, photoshop(data_set(2, 5, b"Title") + old)))
    write("iptc-utf8.jpg", insert(plain, 0xED, photoshop(utf8 + data_set(2, 5, "Über".encode()) + old)))
    write("iptc-latin.jpg", insert(plain, 0xED, photoshop(data_set(2, 5, "Über".encode("latin-1")))))
    both = insert(saved(rgb, "JPEG", exif=exif_block("old")), 0xED, photoshop(utf8 + old))
    write("everything.jpg", insert(both, 0xFE, b"a comment"))
    second = saved(picture(size=(11, 9)), "JPEG")
    write("several.jpg", saved(rgb, "MPO", save_all=True, append_images=[picture(size=(11, 9))]))
    write("trailer.jpg", plain + b"bytes of a maker" + second)
    write("plain.png", saved(rgb, "PNG"))
    write("deep.png", saved(Image.new("I;16", (9, 7), 40000), "PNG"))
    write("palette.png", saved(rgb.convert("P"), "PNG", exif=exif_block("old")))
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet("gimp", "default"), zip=True)
    info.add_text("Description", "PNG's own")
    write("compressed.png", saved(picture("RGBA"), "PNG", pnginfo=info))
    write("animated.png", saved(rgb, "PNG", save_all=True, append_images=[rgb.rotate(90)]))
    write("lossy.webp", saved(rgb, "WEBP"))
    write("lossless.webp", saved(rgb, "WEBP", lossless=True))
    write("alpha.webp", saved(picture("RGBA"), "WEBP", lossless=True))
    write("lossy-alpha.webp", saved(picture("RGBA"), "WEBP"))
    write("exif.webp", saved(rgb, "WEBP", exif=exif_block("An old description"), icc_profile=icc))
    write("xmp.webp", saved(rgb, "WEBP", xmp=packet("lightroom", "languages").encode()))
    write("animated.webp", saved(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(90)]))
    # Packets of every manner inside images.
    for style in STYLES:
        for form in ("none", "languages", "attribute"):
            text = packet(style, form).encode()
            write(f"{style}-{form}.jpg", insert(saved(rgb, "JPEG", exif=exif_block()), 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + text))
            info = PngImagePlugin.PngInfo()
            info.add_itxt("XML:com.adobe.xmp", text.decode())
            write(f"{style}-{form}.png", saved(rgb, "PNG", pnginfo=info))
            write(f"{style}-{form}.webp", saved(rgb, "WEBP", xmp=text))


def by_exiftool(folder):
    """Images whose metadata exiftool has written: IPTC with a digest, and XMP that doesn't fit one segment of a JPEG."""
    options = {
        "exiftool-all.jpg": ["-IPTC:Keywords=cat", "-IPTC:CodedCharacterSet=UTF8", "-IPTC:City=Łódź", "-UserComment=comment",
                             "-Photoshop:IPTCDigest=new", "-XMP-dc:Subject=Katze", "-XMP-dc:Description-fr=vieux",
                             "-GPSLatitude=47.1", "-GPSLatitudeRef=N", "-ThumbnailImage<=" + str(folder / "grey.jpg")],
        "exiftool-long.jpg": ["-XMP-dc:Description=" + "old " * 9000, "-XMP-photoshop:Instructions=" + "word " * 9000],
        "exiftool-longer.jpg": ["-XMP-dc:Description=old", "-XMP-photoshop:Instructions=" + "word " * 9000,
                                "-XMP-dc:Source=" + "text " * 9000],
        "exiftool.png": ["-XMP-dc:Subject=Katze", "-EXIF:Artist=me", "-PNG:Author=me"],
        "exiftool.webp": ["-XMP-dc:Subject=Katze", "-EXIF:Artist=me"],
    }
    for name, given in options.items():
        (folder / name).write_bytes((folder / f"plain.{name.rsplit('.', 1)[1]}".replace("plain.webp", "lossy.webp")).read_bytes())
        subprocess.run(["exiftool", "-q", "-overwrite_original", *given, str(folder / name)], check=True)


# ---- Comparing ------------------------------------------------------------------------------------------------------

CAPTIONS = {"XMP-dc:Description", "XMP-iptcCore:AltTextAccessibility", "IFD0:ImageDescription", "IPTC:Caption-Abstract"}
# What says where in the file things are, and how long they are.
PLACES = {"SourceFile", "IPTC:CodedCharacterSet", "Photoshop:IPTCDigest", "File:CurrentIPTCDigest", "File:ExifByteOrder",
          "RIFF:WebP_Flags", "MPF0:MPImageLength", "MPImage1:MPImageLength", "MPImage2:MPImageStart",
          "XMP-xmpNote:HasExtendedXMP"}
# What a packet that is new has of its own.
NEW = {"XMP-x:XMPToolkit"}


def read(folder):
    """exiftool's reading, by file: every tag of every group, several of a name too."""
    command = ["exiftool", "-j", "-G1", "-a", "-struct", "-charset", "iptc=latin", "-api", "largefilesupport=1", "-r", str(folder)]
    output = subprocess.run(command, capture_output=True, check=False).stdout
    return {os.path.basename(item["SourceFile"]): item for item in json.loads(output)}


def rest(tags):
    """Everything but the caption in the default language, and what only says where things are."""
    result = {}
    for key, value in tags.items():
        group = key.split(":")[0]
        if key in PLACES or group in ("System", "ExifTool") or (key.startswith("MP") and "Start" in key):
            continue
        if key == "File:FileType" and value == "Extended WEBP":
            # A simple file can hold no metadata.
            value = "WEBP"
        # Other languages are tags of their own, such as Description-de-DE.
        if key not in CAPTIONS:
            result[key] = value
    return result


def pixels(data):
    image = Image.open(io.BytesIO(data))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append((image.size, image.mode, image.tobytes()))
    return frames


def pillow_problems(name, old, new):
    problems = []
    if pixels(old) != pixels(new):
        problems.append("Pillow: pixels changed")
    image, before = Image.open(io.BytesIO(new)), Image.open(io.BytesIO(old))
    exif, was = image.getexif(), before.getexif()
    if exif.get(0x010E) not in (CAPTION, CAPTION.encode().decode("latin-1")):
        problems.append(f"Pillow: ImageDescription is {exif.get(0x010E)!r}")
    for ifd in (None, 0x8769, 0x8825):
        a, b = (dict(e if ifd is None else e.get_ifd(ifd)) for e in (was, exif))
        for tag in set(a) | set(b):
            if tag not in (0x010E, 0x8769, 0x8825) and a.get(tag) != b.get(tag):
                problems.append(f"Pillow: EXIF {tag:#x} changed: {a.get(tag)!r} -> {b.get(tag)!r}")
    if before.info.get("icc_profile") != image.info.get("icc_profile"):
        problems.append("Pillow: the colour profile changed")
    packets = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packets = packets if isinstance(packets, bytes) else packets.encode()
    if b"A tabby cat &amp; a" not in packets:
        problems.append("Pillow: its XMP doesn't have the caption")
    return problems


def main(write):
    with tempfile.TemporaryDirectory(prefix="vignette-metadata-") as name:
        folder = pathlib.Path(name)
        sidecars(folder)
        images(folder)
        by_exiftool(folder)
        originals = {path.name: path.read_bytes() for path in folder.iterdir()}
        before = read(folder)
        (folder / "caption.txt").write_text(CAPTION)
        subprocess.run(write, env={**os.environ, "VIGNETTE_METADATA_FOLDER": name}, check=True, stdout=subprocess.DEVNULL)
        (folder / "caption.txt").unlink()
        after = read(folder)
        failures, counts = 0, collections.Counter()
        for file in sorted(originals):
            old, new = before[file], after.get(file, {})
            problems = []
            for key in ("XMP-dc:Description", "XMP-iptcCore:AltTextAccessibility"):
                if new.get(key) != CAPTION:
                    problems.append(f"{key} is read as {new.get(key)!r}")
            a, b = rest(old), rest(new)
            for key in sorted(set(a) | set(b)):
                if a.get(key) != b.get(key) and (key not in NEW or key in a):
                    problems.append(f"{key}: {a.get(key)!r} -> {b.get(key)!r}")
            if not file.endswith(".xmp"):
                data = (folder / file).read_bytes()
                problems += pillow_problems(file, originals[file], data)
                if new.get("IFD0:ImageDescription") != CAPTION:
                    problems.append(f"IFD0:ImageDescription is read as {new.get('IFD0:ImageDescription')!r}")
                if file.startswith(("iptc", "everything", "exiftool-all")):
                    expected = CAPTION.replace("“", "?").replace("”", "?") if "latin" in file else CAPTION
                    if new.get("IPTC:Caption-Abstract") != expected:
                        problems.append(f"IPTC:Caption-Abstract is read as {new.get('IPTC:Caption-Abstract')!r}")
            kind = "XMP files" if file.endswith(".xmp") else file.rsplit(".", 1)[1].upper() + " images"
            counts[kind] += 1
            if problems:
                failures += 1
                print(f"{file}:")
                for problem in problems:
                    print(f"  {problem}")
        warnings = [f"{file}: {tags.get('ExifTool:Warning')}" for file, tags in after.items()
                    if tags.get("ExifTool:Warning") != before[file].get("ExifTool:Warning")]
        for warning in warnings:
            print("exiftool warns:", warning)
        version = subprocess.run(["exiftool", "-ver"], capture_output=True, text=True, check=True).stdout.strip()
        print(f"exiftool {version}, Pillow {Image.__version__}:",
              ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
        print(f"{sum(counts.values()) - failures} of {sum(counts.values())}: only the caption changed, and it is read")
        return 1 if failures or warnings else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
